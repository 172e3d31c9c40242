// TensorFlow's C interface for ops and kernels, as the kernels use it.
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/c/kernels.h and ops.h
#pragma once
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>


#include "numbers.h"
#include "tensorflow.h"

namespace stagecraft {

template <class T> struct TypeOf;
template <> struct TypeOf<float> { static constexpr TF_DataType value = TF_FLOAT; };
template <> struct TypeOf<bfloat16> { static constexpr TF_DataType value = TF_BFLOAT16; };

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  Status(const Status&) = delete;
  operator TF_Status*() { return status_; }
  bool ok() const { return TF_GetCode(status_) == 0; }

 private:
  TF_Status* status_;
};

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(TF_Tensor* tensor) : tensor_(tensor) {}
  Tensor(Tensor&& other) noexcept : tensor_(std::exchange(other.tensor_, nullptr)) {}
  ~Tensor() { if (tensor_) TF_DeleteTensor(tensor_); }

  int rank() const { return TF_NumDims(tensor_); }
  int64_t dim(int axis) const { return TF_Dim(tensor_, axis < 0 ? axis + rank() : axis); }
  int64_t size() const { return TF_TensorElementCount(tensor_); }
  // Elements per entry of the last axis.
  int64_t rows() const { const int64_t width = dim(-1); return width == 0 ? 0 : size() / width; }
  std::vector<int64_t> shape() const {
    std::vector<int64_t> dims(rank());
    for (int axis = 0; axis < rank(); axis++) dims[axis] = dim(axis);
    return dims;
  }
  template <class T> T* data() const { return static_cast<T*>(TF_TensorData(tensor_)); }

 private:
  TF_Tensor* tensor_ = nullptr;
};

class Context {
 public:
  explicit Context(TF_OpKernelContext* context) : context_(context) {}
  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return Tensor(tensor);
  }
  int inputs() { return TF_NumInputs(context_); }
  template <class T>
  Tensor output(int index, const std::vector<int64_t>& shape) {
    int64_t size = sizeof(T);
    for (const int64_t dim : shape) size *= dim;
    return Tensor(TF_AllocateOutput(context_, index, TypeOf<T>::value, shape.data(), static_cast<int>(shape.size()), static_cast<size_t>(size), status_));
  }
  // An output of an input's type and shape, in that input's memory where nobody else holds it. Before the input itself is asked for:
  // that would hold it, too. What is written at a place may depend on what was read there and before, not behind it.
  Tensor outputFrom(int input, int index) {
    const std::vector<int64_t> shape = this->input(input).shape();
    int forwarded = -1;
    return Tensor(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, shape.data(), static_cast<int>(shape.size()), &forwarded, status_));
  }

 private:
  TF_OpKernelContext* context_;
  Status status_;
};

// Attributes of the node; absent ones keep the default.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  float real(const char* name) { float value = 0; TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_); return value; }
  int64_t integer(const char* name) { int64_t value = 0; TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status_); return value; }
  std::vector<int64_t> integers(const char* name) {
    int32_t length = 0, total = 0;
    TF_OpKernelConstruction_GetAttrSize(construction_, name, &length, &total, status_);
    std::vector<int64_t> values(std::max(0, length));
    TF_OpKernelConstruction_GetAttrInt64List(construction_, name, values.data(), length, status_);
    return values;
  }

 private:
  TF_OpKernelConstruction* construction_;
  Status status_;
};

using Texts = std::initializer_list<const char*>;

struct OpSpec {
  const char* name;
  Texts attributes, inputs, outputs;
};

bool defineOp(const OpSpec& spec, void (*infer)(TF_ShapeInferenceContext*, TF_Status*));

inline void copyShape(TF_ShapeInferenceContext* context, int input, int output, TF_Status* status) {
  TF_ShapeHandle* handle = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, input, handle, status);
  if (TF_GetCode(status) == 0) TF_ShapeInferenceContextSetOutput(context, output, handle, status);
  TF_DeleteShapeHandle(handle);
}

// Registers `Kernel(Attributes&)` with `compute(Context&)` for an op; `type` constrains the attribute `T`.
template <class Kernel>
bool defineKernel(const char* op, const TF_DataType* type) {
  Status status;
  TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU",
      [](TF_OpKernelConstruction* construction) -> void* { Attributes attributes(construction); return new Kernel(attributes); },
      [](void* kernel, TF_OpKernelContext* raw) { Context context(raw); static_cast<Kernel*>(kernel)->compute(context); },
      [](void* kernel) { delete static_cast<Kernel*>(kernel); });
  if (type) TF_KernelBuilder_TypeConstraint(builder, "T", *type, status);
  TF_RegisterKernelBuilder(op, builder, status);
  return status.ok();
}

template <template <class> class Kernel>
bool defineKernels(const char* op) {
  const TF_DataType types[] = {TypeOf<float>::value, TypeOf<bfloat16>::value};
  return defineKernel<Kernel<float>>(op, &types[0]) && defineKernel<Kernel<bfloat16>>(op, &types[1]);
}

}  // namespace stagecraft
