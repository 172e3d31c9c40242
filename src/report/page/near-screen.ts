/** Which elements are on the screen or near it; what is far from it is drawn when it comes near. */

export class NearScreen<E extends Element> {
  private readonly near = new Set<E>();

  /**
   * @param marginPx beyond the screen that counts as near, CSS pixels
   * @param onNear is called whenever an element comes near
   */
  constructor(elements: Iterable<E>, marginPx: number, onNear: (element: E) => void = () => undefined) {
    const watcher = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const element = target as E;
          const wasNear = this.near.has(element);
          if (!isIntersecting) this.near.delete(element);
          else if (!wasNear) {
            this.near.add(element);
            onNear(element);
          }
        }
      },
      { rootMargin: `${marginPx}px` },
    );
    for (const element of elements) watcher.observe(element);
  }

  has(element: E): boolean {
    return this.near.has(element);
  }
}
