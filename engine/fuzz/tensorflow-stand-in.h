// The part of TensorFlow's C interface that the kernels call, over plain buffers: every tensor lies in a block of exactly its size, so
// that a sanitizer sees an access outside, and allocations fail where the fuzz asks for it. For the fuzz alone; it computes nothing.
#pragma once
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../kernels/tensorflow.h"

struct Buffer {
  TF_DataType type;
  std::vector<int64_t> shape;
  void* values;
  int64_t size;
  Buffer(TF_DataType type, std::vector<int64_t> shape) : type(type), shape(std::move(shape)), size(1) {
    for (const int64_t dim : this->shape) size *= dim;
    values = std::malloc(static_cast<size_t>(size) * (type == TF_BFLOAT16 ? 2 : 4));
  }
  ~Buffer() { std::free(values); }
  Buffer(const Buffer&) = delete;
};

struct TF_Status { int code = 0; std::string message; };
struct TF_Tensor { std::shared_ptr<Buffer> buffer; };
struct TF_OpKernelConstruction {
  std::map<std::string, int64_t> integers;
  std::map<std::string, float> reals;
  std::map<std::string, std::vector<int64_t>> lists;
};
struct TF_OpKernelContext {
  std::vector<std::shared_ptr<Buffer>> inputs;
  std::vector<std::shared_ptr<Buffer>> outputs;
  int allocations = -1;  // that succeed before one fails; -1: all do
  int code = 0;
  std::string message;
};
struct TF_KernelBuilder {
  std::string op;
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
  TF_DataType type = TF_FLOAT;
};
struct TF_OpDefinitionBuilder {};
struct TF_ShapeInferenceContext {};
struct TF_ShapeHandle {};

// Registered kernels, by op and element type.
inline std::map<std::pair<std::string, TF_DataType>, TF_KernelBuilder> registered;

namespace stand_in {
inline TF_Tensor* allocate(TF_OpKernelContext* context, int index, TF_DataType type, const int64_t* dims, int rank, TF_Status* status) {
  if (context->allocations == 0) {
    TF_SetStatus(status, 8, "OOM when allocating tensor");
    return nullptr;
  }
  if (context->allocations > 0) context->allocations--;
  auto buffer = std::make_shared<Buffer>(type, std::vector<int64_t>(dims, dims + rank));
  if (static_cast<int>(context->outputs.size()) <= index) context->outputs.resize(index + 1);
  context->outputs[index] = buffer;
  TF_SetStatus(status, 0, "");
  return new TF_Tensor{buffer};
}
}  // namespace stand_in

extern "C" {
inline TF_Status* TF_NewStatus(void) { return new TF_Status; }
inline void TF_DeleteStatus(TF_Status* status) { delete status; }
inline int TF_GetCode(const TF_Status* status) { return status->code; }
inline void TF_SetStatus(TF_Status* status, int code, const char* message) { status->code = code; status->message = message; }
inline void TF_DeleteTensor(TF_Tensor* tensor) { delete tensor; }
inline TF_DataType TF_TensorType(const TF_Tensor* tensor) { return tensor->buffer->type; }
inline int TF_NumDims(const TF_Tensor* tensor) { return static_cast<int>(tensor->buffer->shape.size()); }
inline int64_t TF_Dim(const TF_Tensor* tensor, int axis) { return tensor->buffer->shape.at(axis); }
inline int64_t TF_TensorElementCount(const TF_Tensor* tensor) { return tensor->buffer->size; }
inline void* TF_TensorData(const TF_Tensor* tensor) { return tensor->buffer->values; }

inline TF_KernelBuilder* TF_NewKernelBuilder(const char* op, const char*, void* (*create)(TF_OpKernelConstruction*), void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)) {
  return new TF_KernelBuilder{op, create, compute, destroy};
}
inline void TF_KernelBuilder_TypeConstraint(TF_KernelBuilder* builder, const char*, TF_DataType type, TF_Status*) { builder->type = type; }
inline void TF_RegisterKernelBuilder(const char* op, TF_KernelBuilder* builder, TF_Status*) {
  registered[{op, builder->type}] = *builder;
  delete builder;
}
inline int TF_NumInputs(TF_OpKernelContext* context) { return static_cast<int>(context->inputs.size()); }
inline void TF_GetInput(TF_OpKernelContext* context, int index, TF_Tensor** tensor, TF_Status* status) {
  if (index < 0 || index >= TF_NumInputs(context)) return TF_SetStatus(status, 11, "input index out of range");
  *tensor = new TF_Tensor{context->inputs[index]};
  TF_SetStatus(status, 0, "");
}
inline TF_Tensor* TF_AllocateOutput(TF_OpKernelContext* context, int index, TF_DataType type, const int64_t* dims, int rank, size_t, TF_Status* status) {
  return stand_in::allocate(context, index, type, dims, rank, status);
}
// In the input's memory where the context alone holds it, as TensorFlow does.
inline TF_Tensor* TF_ForwardInputOrAllocateOutput(TF_OpKernelContext* context, const int* inputs, int, int output, const int64_t* dims, int rank, int* forwarded, TF_Status* status) {
  const std::shared_ptr<Buffer>& input = context->inputs[*inputs];
  if (input.use_count() > 1) return stand_in::allocate(context, output, input->type, dims, rank, status);
  *forwarded = *inputs;
  if (static_cast<int>(context->outputs.size()) <= output) context->outputs.resize(output + 1);
  context->outputs[output] = input;
  TF_SetStatus(status, 0, "");
  return new TF_Tensor{input};
}
inline void TF_OpKernelContext_Failure(TF_OpKernelContext* context, TF_Status* status) { context->code = status->code; context->message = status->message; }
inline void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction* construction, const char* name, float* value, TF_Status*) { *value = construction->reals[name]; }
inline void TF_OpKernelConstruction_GetAttrInt64(TF_OpKernelConstruction* construction, const char* name, int64_t* value, TF_Status*) { *value = construction->integers[name]; }
inline void TF_OpKernelConstruction_GetAttrSize(TF_OpKernelConstruction* construction, const char* name, int32_t* length, int32_t* total, TF_Status*) {
  *length = static_cast<int32_t>(construction->lists[name].size());
  *total = -1;
}
inline void TF_OpKernelConstruction_GetAttrInt64List(TF_OpKernelConstruction* construction, const char* name, int64_t* values, int most, TF_Status*) {
  const std::vector<int64_t>& list = construction->lists[name];
  for (int i = 0; i < most; i++) values[i] = list[i];
}

inline TF_OpDefinitionBuilder* TF_NewOpDefinitionBuilder(const char*) { return new TF_OpDefinitionBuilder; }
inline void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder*, const char*) {}
inline void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder*, const char*) {}
inline void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder*, const char*) {}
inline void TF_OpDefinitionBuilderSetShapeInferenceFunction(TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)) {}
inline void TF_RegisterOpDefinition(TF_OpDefinitionBuilder* builder, TF_Status*) { delete builder; }
inline TF_ShapeHandle* TF_NewShapeHandle(void) { return nullptr; }
inline void TF_DeleteShapeHandle(TF_ShapeHandle*) {}
inline TF_ShapeHandle* TF_ShapeInferenceContextScalar(TF_ShapeInferenceContext*) { return nullptr; }
inline void TF_ShapeInferenceContextGetInput(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*) {}
inline void TF_ShapeInferenceContextSubshape(TF_ShapeInferenceContext*, TF_ShapeHandle*, int64_t, int64_t, TF_ShapeHandle*, TF_Status*) {}
inline void TF_ShapeInferenceContextConcatenateShapes(TF_ShapeInferenceContext*, TF_ShapeHandle*, TF_ShapeHandle*, TF_ShapeHandle*, TF_Status*) {}
inline void TF_ShapeInferenceContextSetOutput(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*) {}
inline void TF_ShapeInferenceContextSetUnknownShape(TF_ShapeInferenceContext*, TF_Status*) {}
}
