// Threads of the kernels: `parallelFor(count, grain, body)` splits [0, count) into pieces of at least `grain` and runs
// body(begin, end, thread) on the calling thread and the workers, each taking the next piece: TensorFlow's own threads may
// occupy a core meanwhile. One region runs at a time; a second one runs on its caller alone. Where a piece runs out of memory
// on any thread, the others end and the caller throws std::bad_alloc.
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
    run(count, most, std::max(grain, (count + most * piecesPerThread - 1) / std::max<int64_t>(1, most * piecesPerThread)), body);
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
    remaining_.store(static_cast<int>(most) - 1, std::memory_order_relaxed);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      const uint64_t next = (generation_.load(std::memory_order_relaxed) >> 16) + 1;
      generation_.store(next << 16 | static_cast<uint64_t>(most - 1), std::memory_order_release);
    }
    wake_.notify_all();
    takePieces(0);
    for (int spin = 0; remaining_.load(std::memory_order_acquire) > 0; spin++) {
      if (spin < spins) pause(); else std::this_thread::yield();
    }
    const bool exhausted = exhausted_.load(std::memory_order_relaxed);
    region_.unlock();
    if (exhausted) throw std::bad_alloc();
  }

  static constexpr int64_t mostRanges = 32;
  static constexpr int spins = 2000;
  static constexpr int piecesPerThread = 4;
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
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < spins && generation_.load(std::memory_order_acquire) == seen; spin++) pause();
      if (generation_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
      }
      seen = generation_.load(std::memory_order_acquire);
      // Only a worker of this region may read its fields; the region waits for these workers alone.
      if (index > static_cast<int>(seen & 0xffff)) continue;
      takePieces(index);
      remaining_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::mutex region_, mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> generation_{0};  // number of the region << 16 | its helpers
  std::atomic<int> remaining_{0};
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

constexpr int64_t smallestShare = 16384;  // elements worth waking a thread for

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
