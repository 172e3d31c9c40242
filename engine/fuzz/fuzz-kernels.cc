// Runs every kernel on random shapes, whole and broken, from several threads, in a build with sanitizers:
//   fuzz-kernels ROUNDS SEED [THREADS THAT CALL]
// A round draws an op, shapes that fit it, and in half of the rounds breaks one: a dimension, an attribute, or an allocation that
// fails. Whole rounds must succeed with finite outputs; broken ones must end in a status, or in a success that stays inside its
// buffers. Prints rounds by their end; exit code 1 where a rule is broken.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <random>
#include <thread>

#include "tensorflow-stand-in.h"

#include "../kernels/registration.h"

using stagecraft::lanes;
using Shape = std::vector<int64_t>;
using Random = std::mt19937_64;

struct Input { TF_DataType type; Shape shape; };
struct Round {
  std::string op;
  TF_DataType type = TF_FLOAT;
  std::vector<Input> inputs;
  TF_OpKernelConstruction attributes;
};

static int64_t draw(Random& random, int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }

static Shape drawShape(Random& random, int64_t channels) {
  Shape shape;
  for (int64_t axis = draw(random, 1, 3); axis > 0; axis--) shape.push_back(draw(random, 0, 9) == 0 ? 0 : draw(random, 1, 17));
  if (draw(random, 0, 7) == 0) shape[0] = 400;
  shape.push_back(channels);
  return shape;
}
static int64_t sizeOf(const Shape& shape) {
  int64_t size = 1;
  for (const int64_t dim : shape) size *= dim;
  return size;
}

static Round drawElementwise(Random& random, Round round) {
  const TF_DataType t = round.type;
  const int64_t c = draw(random, 0, 4) == 0 ? draw(random, 1, 5) : draw(random, 1, 80);
  Shape x = drawShape(random, c);
  const Shape channels{c};
  round.attributes.integers["act"] = draw(random, 0, 4);
  round.attributes.reals = {{"epsilon", 1e-5f}, {"momentum", 0.1f}};
  const auto in = [&](TF_DataType type, Shape shape) { round.inputs.push_back({type, std::move(shape)}); };
  const int64_t rows = sizeOf(x) / c;
  if (round.op == "StagecraftActivation") in(t, x);
  else if (round.op == "StagecraftActivationGrad") { in(t, x); in(t, x); }
  else if (round.op == "StagecraftMoments") { for (int64_t& dim : x) dim = std::max<int64_t>(1, dim); in(t, x); in(TF_FLOAT, channels); in(TF_FLOAT, channels); }
  else if (round.op == "StagecraftNorm") { in(t, x); for (int i = 0; i < 4; i++) in(TF_FLOAT, channels); }
  else if (round.op == "StagecraftNormGrad") { in(t, x); in(t, x); for (int i = 0; i < 4; i++) in(TF_FLOAT, channels); }
  else if (round.op == "StagecraftLayerNorm") { in(t, x); in(TF_FLOAT, channels); in(TF_FLOAT, channels); }
  else if (round.op == "StagecraftLayerNormGrad") { in(t, x); in(t, x); in(TF_FLOAT, {rows}); in(TF_FLOAT, {rows}); in(TF_FLOAT, channels); }
  else {
    const Shape gate{x.front(), c};
    if (round.op == "StagecraftMean") in(t, x);
    else if (round.op == "StagecraftMeanGrad" || round.op == "StagecraftScale") { in(t, x); in(TF_FLOAT, gate); }
    else { in(t, x); in(t, x); in(TF_FLOAT, gate); }
  }
  return round;
}

static Round drawConvolution(Random& random, Round round) {
  const int64_t pad = draw(random, 0, 2), smallest = std::max<int64_t>(1, 3 - 2 * pad);
  const int64_t b = draw(random, 0, 4), h = draw(random, smallest, 9), w = draw(random, smallest, 9);
  const int64_t cin = draw(random, 0, 1) ? draw(random, 1, 40) : lanes * draw(random, 1, 9), cout = lanes * draw(random, 1, 6);
  const Shape x{b, h, w, cin}, y{b, h + 2 * pad - 2, w + 2 * pad - 2, cout}, filter{3, 3, cin, cout};
  const Shape bias{draw(random, 0, 1) ? cout : 0};
  round.attributes.integers = {{"pad", pad}, {"act", draw(random, 0, 4)}, {"turned", draw(random, 0, 1)}};
  const auto in = [&](const Shape& shape) { round.inputs.push_back({TF_FLOAT, shape}); };
  if (round.op == "StagecraftConvolution") { in(x); in(filter); }
  else if (round.op == "StagecraftConvolutionInputGrad") { in(y); in(filter); }
  else if (round.op == "StagecraftWinogradFilter") in(filter);
  else if (round.op == "StagecraftWinograd") { in(x); in({16, cin, cout}); in(bias); }
  else { in(x); in(y); }
  return round;
}

static Round drawDepthwise(Random& random, Round round) {
  const int64_t kh = draw(random, 1, 7), kw = draw(random, 1, 7), stride = draw(random, 1, 3), top = draw(random, 0, kh), left = draw(random, 0, kw);
  const int64_t b = draw(random, 0, 4), h = draw(random, 1, 12), w = draw(random, 1, 12), c = draw(random, 0, 1) ? draw(random, 1, 70) : lanes * draw(random, 1, 9);
  const auto side = [&](int64_t input, int64_t kernel, int64_t before) { return std::max<int64_t>(0, (input + before + draw(random, 0, before) - kernel) / stride + 1); };
  const Shape x{b, h, w, c}, y{b, side(h, kh, top), side(w, kw, left), c}, filter{kh, kw, c, 1};
  round.attributes.integers = {{"kernel_height", kh}, {"kernel_width", kw}, {"height", h}, {"width", w}, {"stride", stride}, {"top", top}, {"left", left}};
  const auto in = [&](const Shape& shape) { round.inputs.push_back({TF_FLOAT, shape}); };
  if (round.op == "StagecraftDepthwiseFilterGrad") { in(x); in(y); }
  else { in(y); in(filter); }
  return round;
}

static Round drawOther(Random& random, Round round) {
  const auto in = [&](TF_DataType type, const Shape& shape) { round.inputs.push_back({type, shape}); };
  const int64_t weights = draw(random, 1, 4);
  std::vector<Shape> shapes;
  for (int64_t i = 0; i < weights; i++) shapes.push_back(drawShape(random, draw(random, 1, 200)));
  if (round.op == "StagecraftSquaredNorm") for (const Shape& shape : shapes) in(TF_FLOAT, shape);
  if (round.op == "StagecraftAdamW") {
    for (int i = 0; i < 6; i++) in(TF_FLOAT, {});
    for (int part = 0; part < 4; part++) for (const Shape& shape : shapes) in(TF_FLOAT, shape);
    round.attributes.reals = {{"beta1", 0.9f}, {"beta2", 0.99f}, {"clip", draw(random, 0, 1) ? 1.0f : 0.0f}};
    for (int64_t i = 0; i < weights; i++) round.attributes.lists["decays"].push_back(i % 2);
  }
  return round;
}

static Round drawRound(Random& random) {
  auto kernel = registered.begin();
  std::advance(kernel, draw(random, 0, static_cast<int64_t>(registered.size()) - 1));
  Round round;
  round.op = kernel->first.first;
  round.type = kernel->first.second;
  const auto names = [&](const char* part) { return round.op.find(part) != std::string::npos; };
  if (names("Depthwise")) return drawDepthwise(random, round);
  if (names("Convolution") || names("Winograd")) return drawConvolution(random, round);
  if (names("SquaredNorm") || names("AdamW")) return drawOther(random, round);
  return drawElementwise(random, round);
}

// Breaks the round in one place.
static void breakRound(Random& random, Round& round, int& allocations) {
  Input& input = round.inputs[draw(random, 0, static_cast<int64_t>(round.inputs.size()) - 1)];
  switch (draw(random, 0, 5)) {
    case 0: allocations = static_cast<int>(draw(random, 0, 2)); break;
    case 1: if (!input.shape.empty()) input.shape[draw(random, 0, static_cast<int64_t>(input.shape.size()) - 1)] += draw(random, 0, 1) ? 1 : lanes; break;
    case 2: if (!input.shape.empty()) { int64_t& dim = input.shape[draw(random, 0, static_cast<int64_t>(input.shape.size()) - 1)]; dim = draw(random, 0, dim); } break;
    case 3: if (draw(random, 0, 1)) input.shape.push_back(2); else if (!input.shape.empty()) input.shape.pop_back(); break;
    case 4: input.type = input.type == TF_FLOAT ? TF_BFLOAT16 : TF_FLOAT; break;
    default:
      if (round.attributes.integers.count("pad")) round.attributes.integers["pad"] = draw(random, -2, 4);
      if (round.attributes.integers.count("top")) {
        auto attribute = round.attributes.integers.begin();
        std::advance(attribute, draw(random, 0, static_cast<int64_t>(round.attributes.integers.size()) - 1));
        attribute->second = draw(random, -3, 40);
      }
  }
}

static std::shared_ptr<Buffer> fill(Random& random, const Input& input) {
  auto buffer = std::make_shared<Buffer>(input.type, input.shape);
  std::uniform_real_distribution<float> values(0.01f, 1.0f);  // variances and moments stay positive
  for (int64_t i = 0; i < buffer->size; i++) {
    if (input.type == TF_BFLOAT16) stagecraft::store(static_cast<stagecraft::bfloat16*>(buffer->values)[i], values(random));
    else static_cast<float*>(buffer->values)[i] = values(random);
  }
  return buffer;
}

static bool isFinite(const Buffer& buffer) {
  for (int64_t i = 0; i < buffer.size; i++) {
    const float value = buffer.type == TF_BFLOAT16 ? stagecraft::load(static_cast<stagecraft::bfloat16*>(buffer.values)[i]) : static_cast<float*>(buffer.values)[i];
    if (!std::isfinite(value)) return false;
  }
  return true;
}

static std::atomic<int64_t> succeeded{0}, refused{0}, exhausted{0}, wrong{0};

static void runRound(Random& random) {
  Round round = drawRound(random);
  int allocations = -1;
  const bool broken = draw(random, 0, 1) == 1;
  if (broken) breakRound(random, round, allocations);
  TF_OpKernelContext context;
  for (const Input& input : round.inputs) {
    context.inputs.push_back(fill(random, input));
    if (draw(random, 0, 1)) context.outputs.push_back(context.inputs.back());  // held by another, too
  }
  const std::vector<std::shared_ptr<Buffer>> held = std::move(context.outputs);
  context.outputs.clear();
  context.allocations = allocations;
  const TF_KernelBuilder& kernel = registered.at({round.op, round.type});
  void* const made = kernel.create(&round.attributes);
  kernel.compute(made, &context);
  kernel.destroy(made);
  if (context.code == 8) exhausted++;
  else if (context.code != 0) refused++;
  else succeeded++;
  const auto complain = [&](const char* what) {
    wrong++;
    std::fprintf(stderr, "%s: %s %s (", round.op.c_str(), what, context.message.c_str());
    for (const Input& input : round.inputs) for (size_t axis = 0; axis < input.shape.size(); axis++) std::fprintf(stderr, "%s%lld", axis ? "x" : " ", static_cast<long long>(input.shape[axis]));
    std::fprintf(stderr, " )\n");
  };
  if (!broken && context.code != 0) complain("shapes that fit were refused:");
  const bool emptyMean = round.op == "StagecraftMean" && context.code == 0 && context.inputs[0]->size == 0;
  if (!broken && !emptyMean) for (const auto& output : context.outputs) if (output && !isFinite(*output)) { complain("an output is not finite"); break; }
  if (allocations == 0 && context.code != 8 && context.code != 3 && context.outputs.empty()) complain("an allocation that failed was not told");
}

int main(int count, char** arguments) {
  const int64_t rounds = count > 1 ? std::atoll(arguments[1]) : 1000;
  const uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  const int callers = count > 3 ? std::atoi(arguments[3]) : 2;
  if (!stagecraft::registerAll()) return 1;
  stagecraft::Pool::get().setThreads(3);
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; caller++) threads.emplace_back([=] {
    Random random(seed * 1000 + static_cast<uint64_t>(caller));
    for (int64_t round = 0; round < rounds / callers; round++) {
      if (caller == 0 && round % 50 == 0) stagecraft::Pool::get().setThreads(static_cast<int>(draw(random, 1, 4)));
      runRound(random);
    }
  });
  for (std::thread& thread : threads) thread.join();
  std::printf("{\"succeeded\": %lld, \"refused\": %lld, \"exhausted\": %lld, \"wrong\": %lld}\n", static_cast<long long>(succeeded), static_cast<long long>(refused), static_cast<long long>(exhausted), static_cast<long long>(wrong));
  std::fflush(stdout);
  std::_Exit(wrong > 0 ? 1 : 0);  // the pool's workers never end
}
