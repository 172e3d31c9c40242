// An addon beside the binding: `hide()` redirects the process's stderr to /dev/null, `show()` restores it.
// TensorFlow 2.21 prints two lines while its library loads, before it reads any variable that would silence it.
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static int saved = -1;

static napi_value hide(napi_env, napi_callback_info) {
  if (saved >= 0) return nullptr;
  const int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null_fd < 0) return nullptr;
  saved = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (saved >= 0) dup2(null_fd, 2);
  close(null_fd);
  return nullptr;
}

static napi_value show(napi_env, napi_callback_info) {
  if (saved < 0) return nullptr;
  dup2(saved, 2);
  close(saved);
  saved = -1;
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "hide", NAPI_AUTO_LENGTH, hide, nullptr, &function);
  napi_set_named_property(env, exports, "hide", function);
  napi_create_function(env, "show", NAPI_AUTO_LENGTH, show, nullptr, &function);
  napi_set_named_property(env, exports, "show", function);
  return exports;
}
