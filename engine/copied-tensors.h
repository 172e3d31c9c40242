// Included before the source of tfjs-node-gpu's binding: a tensor made from a JavaScript array copies its values.
// The binding hands TensorFlow the array's own memory, which TensorFlow keeps where it happens to be aligned to 64
// bytes, and lets go of on whichever of its threads drops the last reference. That thread then changes Node's list of
// references, which only the thread of JavaScript may touch. Measured on 2.21: two of TensorFlow's threads that
// replaced weights at once left a pointer of that list in a tensor ("Check failed: IsAligned()").
#pragma once
#include <cstring>

#include "tensorflow/c/c_api.h"

static inline TF_Tensor* copiedTensor(TF_DataType type, const int64_t* dims, int rank, void* values, size_t bytes,
                                      void (*release)(void* values, size_t bytes, void* array), void* array) {
  TF_Tensor* tensor = TF_AllocateTensor(type, dims, rank, bytes);
  if (tensor != nullptr && bytes > 0) std::memcpy(TF_TensorData(tensor), values, bytes);
  release(values, bytes, array);
  return tensor;
}
#define TF_NewTensor copiedTensor
