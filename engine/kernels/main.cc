// The addon: loading it registers the ops and kernels of registration.h with TensorFlow, which must be loaded already.
// `setThreads(n)` sets the number of threads of the kernels.
#include <node_api.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "registration.h"

static napi_value setThreads(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t threads = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &threads);
  stagecraft::Pool::get().setThreads(threads);
  return nullptr;
}

NAPI_MODULE_INIT() {
#if defined(__GLIBC__)
  // Large tensors are allocated and freed at every step: keep their memory instead of mapping and clearing it anew.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  napi_value function, registered;
  napi_create_function(env, "setThreads", NAPI_AUTO_LENGTH, setThreads, nullptr, &function);
  napi_set_named_property(env, exports, "setThreads", function);
  napi_get_boolean(env, stagecraft::registerAll(), &registered);
  napi_set_named_property(env, exports, "registered", registered);
  return exports;
}
