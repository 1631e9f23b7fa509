using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using LLama;
using LLama.Common;
using LLama.Native;
using LlamaSharpSpeed;

// Measures one model with LLamaSharp, as `llama2 bench` measures it: a warm-up, then a prompt and greedy tokens.
// usage: LlamaSharpSpeed MODEL THREADS PROMPT[,PROMPT…] GENERATE REPEAT
if (args is not [string path, string threadText, string promptText, string generateText, string repeatText])
{
    Console.Error.WriteLine("usage: LlamaSharpSpeed MODEL THREADS PROMPT[,PROMPT…] GENERATE REPEAT");
    return 2;
}

int threads = Number(threadText), generated = Number(generateText), repeat = Number(repeatText);
int[] prompts = [.. promptText.Split(',').Select(Number)];

// The best build for this processor that the package contains. It must not fall back to another one unnoticed.
AvxLevel level = Avx512BW.IsSupported ? AvxLevel.Avx512 : Avx2.IsSupported ? AvxLevel.Avx2 : Avx.IsSupported ? AvxLevel.Avx : AvxLevel.None;
NativeLibraryConfig.All.WithCuda(false).WithVulkan(false).WithAvx(level).WithAutoFallback(false).WithLogCallback((logLevel, message) =>
{
    if (logLevel == LLamaLogLevel.Error)
    {
        Console.Error.Write(message);
    }
});

var parameters = new ModelParams(path)
{
    ContextSize = (uint)(prompts.Max() + generated),
    Threads = threads,
    BatchThreads = threads,
    BatchSize = GreedyRun.BatchSize,
    GpuLayerCount = 0,
};
long start = Stopwatch.GetTimestamp();
using LLamaWeights weights = LLamaWeights.LoadFromFile(parameters);
double loadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
using LLamaContext context = weights.CreateContext(parameters);
var run = new GreedyRun(context, weights.Vocab.Count);

// The first run reads the pages of the model file. A part of the prompt is enough for that, because longer prompts are computed in such parts.
run.Measure(Math.Min(prompts.Max(), GreedyRun.BatchSize), 2);
var results = prompts.Select(prompt =>
{
    (double Prefill, double Decode)[] runs = [.. Enumerable.Range(0, repeat).Select(_ => run.Measure(prompt, generated))];
    return new { prompt, prefill = runs.Select(one => one.Prefill).ToArray(), decode = runs.Select(one => one.Decode).ToArray() };
}).ToArray();
string? version = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "LLamaSharp").Value;
Console.WriteLine(JsonSerializer.Serialize(new
{
    build = $"{version}, its build for {level}",
    load_seconds = loadSeconds,
    prompts = results,
}));
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
