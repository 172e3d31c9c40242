// TensorFlow's C interface for ops and kernels, as the kernels use it.
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/c/kernels.h and ops.h
#pragma once
#include <cstddef>
#include <exception>
#include <initializer_list>
#include <new>
#include <utility>
#include <vector>

#include "flush.h"
#include "numbers.h"
#include "tensorflow.h"

namespace stagecraft {

template <class T> struct TypeOf;
template <> struct TypeOf<float> { static constexpr TF_DataType value = TF_FLOAT; };
template <> struct TypeOf<bfloat16> { static constexpr TF_DataType value = TF_BFLOAT16; };

// A failure of a kernel as a TensorFlow status code. Thrown by a kernel; `runKernel` reports it to TensorFlow.
struct Failure {
  int code;
  const char* message;
};
constexpr int invalidArgument = 3, resourceExhausted = 8, internalError = 13;

// Precondition of a kernel on its inputs. Shape functions do not know every shape, and graphs come from files.
inline void require(bool holds, const char* rule) {
  if (!holds) throw Failure{invalidArgument, rule};
}

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  Status(const Status&) = delete;
  operator TF_Status*() { return status_; }
  bool ok() const { return TF_GetCode(status_) == 0; }
  // TensorFlow's own message about the failed allocation, unchanged.
  struct Error {};
  void check() const {
    if (!ok()) throw Error{};
  }

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
  template <class T> T* data() const {
    require(TF_TensorType(tensor_) == TypeOf<T>::value, "a tensor is of another type than its op declares");
    return static_cast<T*>(TF_TensorData(tensor_));
  }
  bool sameShape(const Tensor& other) const {
    if (rank() != other.rank()) return false;
    for (int axis = 0; axis < rank(); axis++) if (dim(axis) != other.dim(axis)) return false;
    return true;
  }

 private:
  TF_Tensor* tensor_ = nullptr;
};

// Inputs and outputs of a kernel. Every call throws on a status other than OK, such as exhausted memory.
class Context {
 public:
  explicit Context(TF_OpKernelContext* context) : context_(context) {}
  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return whole(tensor);
  }
  int inputs() { return TF_NumInputs(context_); }
  template <class T>
  Tensor output(int index, const std::vector<int64_t>& shape) {
    int64_t size = sizeof(T);
    for (const int64_t dim : shape) {
      require(dim >= 0, "an output needs dimensions of at least 0");
      require(!__builtin_mul_overflow(size, dim, &size), "an output has more elements than can be counted");
    }
    return whole(TF_AllocateOutput(context_, index, TypeOf<T>::value, shape.data(), static_cast<int>(shape.size()), static_cast<size_t>(size), status_));
  }
  // An output of an input's type and shape, in that input's buffer where no other tensor shares it. Call it before reading the input,
  // which would share the buffer. A value written at an index may depend on inputs at this index and before, not after.
  Tensor outputFrom(int input, int index) {
    const std::vector<int64_t> shape = this->input(input).shape();
    int forwarded = -1;
    return whole(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, shape.data(), static_cast<int>(shape.size()), &forwarded, status_));
  }

  void fail() { TF_OpKernelContext_Failure(context_, status_); }
  void fail(int code, const char* message) {
    TF_SetStatus(status_, code, message);
    fail();
  }

 private:
  Tensor whole(TF_Tensor* tensor) {
    Tensor result(tensor);
    status_.check();
    if (tensor == nullptr) throw Failure{resourceExhausted, "a tensor could not be allocated"};
    return result;
  }

  TF_OpKernelContext* context_;
  Status status_;
};

// Runs a kernel and reports its failure to TensorFlow: an exception must not leave a function that C code calls.
template <class Kernel>
void runKernel(Kernel& kernel, TF_OpKernelContext* raw) {
  const FlushDenormals flush;
  Context context(raw);
  try {
    kernel.compute(context);
  } catch (const Status::Error&) {
    context.fail();
  } catch (const Failure& failure) {
    context.fail(failure.code, failure.message);
  } catch (const std::bad_alloc&) {
    context.fail(resourceExhausted, "out of memory: a kernel's buffer could not be allocated");
  } catch (const std::exception& error) {
    context.fail(internalError, error.what());
  }
}

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
      [](void* kernel, TF_OpKernelContext* raw) { runKernel(*static_cast<Kernel*>(kernel), raw); },
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
