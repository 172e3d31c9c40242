// Threads of the kernels: `parallelFor(count, grain, body)` runs body(begin, end, thread) over [0, count) in pieces, on the calling
// thread and on as many workers as get `grain` each. Whoever is free takes the next piece, and a region ends when its pieces are
// done: a worker that TensorFlow's own threads keep from its core does not hold the caller up, it comes too late to join.
// One region runs at a time; a second one runs on its caller alone. Where a piece runs out of memory on any thread, the others end
// and the caller throws std::bad_alloc.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "flush.h"

namespace stagecraft {

class Pool {
 public:
  static Pool& get() { static Pool* pool = new Pool; return *pool; }  // never destroyed: threads may outlive exit handlers

  void setThreads(int threads) {
    std::lock_guard<std::mutex> region(region_);
    try {
      while (workers_ < threads - 1) {
        const int index = workers_ + 1;
        std::thread([this, index] { work(index); }).detach();
        workers_ = index;
      }
    } catch (const std::system_error&) {
      // A limit on threads or memory was reached: continue with the threads started so far.
    }
    threads_ = std::clamp(threads, 1, workers_ + 1);
  }
  int threads() const { return threads_.load(std::memory_order_relaxed); }

  template <class Body>
  void parallelFor(int64_t count, int64_t grain, const Body& body) {
    const int64_t most = std::min<int64_t>(threads(), (count + grain - 1) / std::max<int64_t>(1, grain));
    run(count, most, (count + most * piecesPerThread - 1) / std::max<int64_t>(1, most * piecesPerThread), body);
  }

  // For sums: [0, count) falls into `sumRanges(count, grain)` ranges whose bounds depend on nothing but count and grain, and
  // body(begin, end, range) gets the index of its range. The partial sum of a range is bit-identical for any
  // number of threads.
  static int64_t sumRanges(int64_t count, int64_t grain) {
    return std::clamp<int64_t>((count + grain - 1) / std::max<int64_t>(1, grain), 1, mostRanges);
  }
  template <class Body>
  void parallelSums(int64_t count, int64_t grain, const Body& body) {
    const int64_t ranges = sumRanges(count, grain), most = std::min<int64_t>(ranges, threads());
    const int64_t piece = std::max<int64_t>(1, (count + ranges - 1) / ranges);
    const auto numbered = [&](int64_t from, int64_t to, int) {
      for (int64_t begin = from; begin < to; begin += piece) body(begin, std::min(to, begin + piece), static_cast<int>(begin / piece));
    };
    run(count, most, piece, numbered);
  }

 private:
  template <class Body>
  void run(int64_t count, int64_t most, int64_t piece, const Body& body) {
    if (most <= 1 || !region_.try_lock()) {
      if (count > 0) body(int64_t{0}, count, 0);
      return;
    }
    task_ = [](const void* context, int64_t from, int64_t to, int thread) { (*static_cast<const Body*>(context))(from, to, thread); };
    context_ = &body;
    count_ = count;
    piece_ = piece;
    exhausted_.store(false, std::memory_order_relaxed);
    next_.store(0, std::memory_order_relaxed);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      gate_.store(static_cast<uint64_t>(most - 1) << freeShift, std::memory_order_release);
    }
    if (most > workers_) wake_.notify_all();
    else for (int64_t worker = 1; worker < most; worker++) wake_.notify_one();
    takePieces(0);
    gate_.fetch_and(runningMask, std::memory_order_acq_rel);  // from here on nobody joins
    for (int spin = 0; gate_.load(std::memory_order_acquire) != 0; spin++) {
      if (spin < spins) pause(); else std::this_thread::yield();
    }
    const bool exhausted = exhausted_.load(std::memory_order_relaxed);
    region_.unlock();
    if (exhausted) throw std::bad_alloc();
  }

  static constexpr int64_t mostRanges = 32;
  static constexpr int spins = 2000;
  static constexpr int piecesPerThread = 4;
  static constexpr int freeShift = 32;
  static constexpr uint64_t runningMask = (uint64_t{1} << freeShift) - 1;
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  void takePieces(int thread) {
    for (;;) {
      const int64_t from = next_.fetch_add(piece_, std::memory_order_relaxed);
      if (from >= count_) return;
      try {
        task_(context_, from, std::min(count_, from + piece_), thread);
      } catch (const std::bad_alloc&) {
        exhausted_.store(true, std::memory_order_relaxed);
        next_.store(count_, std::memory_order_relaxed);
        return;
      }
    }
  }

  void work(int index) {
    const FlushDenormals flush;
    for (;;) {
      for (int spin = 0; spin < spins && !isOpen(); spin++) pause();
      if (!isOpen()) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return isOpen(); });
      }
      uint64_t gate = gate_.load(std::memory_order_relaxed);
      // Only who has joined may read the region's fields; the caller waits for those alone.
      while (gate >> freeShift > 0) {
        if (!gate_.compare_exchange_weak(gate, gate - (uint64_t{1} << freeShift) + 1, std::memory_order_acq_rel)) continue;
        takePieces(index);
        gate_.fetch_sub(1, std::memory_order_release);
        break;
      }
    }
  }
  bool isOpen() const { return gate_.load(std::memory_order_acquire) >> freeShift > 0; }

  std::mutex region_, mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> gate_{0};  // workers that may still join the region << freeShift | workers that run its pieces
  void (*task_)(const void*, int64_t, int64_t, int) = nullptr;
  const void* context_ = nullptr;
  int64_t count_ = 0, piece_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> exhausted_{false};  // a piece could not allocate its memory
  int workers_ = 0;
  std::atomic<int> threads_{1};
};

// Scratch memory of the calling thread, kept between calls; its content is undefined. One user at a time per `slot`.
// Throws std::bad_alloc.
template <int slot>
inline float* scratch(int64_t count) {
  thread_local std::unique_ptr<float[]> memory;
  thread_local int64_t size = 0;
  if (size < count) {
    memory.reset();  // before the new: both at once may be more than there is
    size = 0;
    memory.reset(new float[static_cast<size_t>(count)]);
    size = count;
  }
  return memory.get();
}

constexpr int64_t smallestShare = 65536;  // elements worth waking a thread for

template <class Body>
void parallelRows(int64_t rows, int64_t width, const Body& body) {
  Pool::get().parallelFor(rows, std::max<int64_t>(1, smallestShare / std::max<int64_t>(1, width)), body);
}

inline int64_t rowsPerShare(int64_t width) { return std::max<int64_t>(1, smallestShare / std::max<int64_t>(1, width)); }

// Ranges that `parallelRowSums` numbers.
inline int64_t rowRanges(int64_t rows, int64_t width) { return Pool::sumRanges(rows, rowsPerShare(width)); }

template <class Body>
void parallelRowSums(int64_t rows, int64_t width, const Body& body) {
  Pool::get().parallelSums(rows, rowsPerShare(width), body);
}

}  // namespace stagecraft
