// Computes llama.cpp's log-likelihoods of the tokens that llama2 scored for 200 questions of MMLU, and compares them with llama2's. Usage:
//   LLAMA2_WRITE_REQUESTS=FOLDER dotnet test -c Release tests/Llama2.Evaluation.Tests --filter LlamaCppTests
//   dotnet run -c Release --project benchmarks/compare/log-likelihoods -- FOLDER [OUTPUT.json]
// The first command writes a file NAME.requests.json for each model of the test, and for each other *.gguf file in FOLDER; if a model is used with an adapter,
// this is the GGUF file NAME.adapter. OUTPUT.json receives llama.cpp's figures of the models whose file is smaller than 32 MiB, in the form of tests/data/evaluation/llama-cpp.json.
using System.Globalization;
using System.Text.Json;
using LLama.Native;
using LogLikelihoods;

const int ChoiceCount = 4;
const long MaxByteSize = 32 << 20;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
NativeLibraryConfig.All.WithLogCallback((level, message) =>
{
    if (level == LLamaLogLevel.Error)
        Console.Error.Write(message);
});
SortedDictionary<string, Dictionary<string, object>> figures = [];
Console.WriteLine("| model | task | scored tokens | difference per request, root mean square | largest | same choice | same isGreedy |\n|---|---|---|---|---|---|---|");
foreach (string path in Directory.GetFiles(args[0], "*.requests.json").Order(StringComparer.Ordinal))
{
    using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
    string name = Path.GetFileName(path).Replace(".requests.json", "", StringComparison.Ordinal), modelPath = Path.Combine(args[0], $"{name}.gguf");
    GGMLType cacheType = document.RootElement.GetProperty("cache").GetString() == "F32" ? GGMLType.GGML_TYPE_F32 : GGMLType.GGML_TYPE_F16;
    string adapterPath = Path.Combine(args[0], $"{name}.adapter");
    using var model = new LlamaCppModel(modelPath, File.Exists(adapterPath) ? adapterPath : null, cacheType, document.RootElement.GetProperty("context_length").GetUInt32());
    Dictionary<string, object> forms = [];
    foreach (JsonProperty form in document.RootElement.GetProperty("forms").EnumerateObject())
    {
        ScoredRequest[] requests = form.Value.GetProperty("requests").Deserialize<ScoredRequest[]>()!;
        (double LogLikelihood, bool IsGreedy)[] results = [.. requests.Select(request => model.Score(request.Tokens, request.Start))];
        PrintRow(name, form.Name, requests, results);
        forms.Add(form.Name, new
        {
            digest = form.Value.GetProperty("digest").GetString(),
            greedy = string.Concat(results.Select(result => result.IsGreedy ? '1' : '0')),
            log_likelihoods = results.Select(result => double.Parse(result.LogLikelihood.ToString("G8"))).Chunk(ChoiceCount),
        });
    }

    if (new FileInfo(modelPath).Length < MaxByteSize)
        figures.Add(name, forms);
}

if (args.Length > 1)
    File.WriteAllText(args[1], JsonSerializer.Serialize(figures).Replace("\"mmlu", "\n\"mmlu", StringComparison.Ordinal) + "\n");

static void PrintRow(string name, string form, ScoredRequest[] requests, (double LogLikelihood, bool IsGreedy)[] results)
{
    double[] differences = [.. requests.Zip(results, (request, result) => Math.Abs(request.LogLikelihood - result.LogLikelihood))];
    int same = requests.Select(request => request.LogLikelihood).Chunk(ChoiceCount)
        .Zip(results.Select(result => result.LogLikelihood).Chunk(ChoiceCount)).Count(question => question.First.IndexOf(question.First.Max()) == question.Second.IndexOf(question.Second.Max()));
    int greedy = requests.Zip(results).Count(pair => pair.First.IsGreedy == pair.Second.IsGreedy);
    Console.WriteLine(
        $"| {name} | {form} | {requests.Sum(request => request.Tokens.Length - request.Start)} | {Math.Sqrt(differences.Average(difference => difference * difference)):E1} | {differences.Max():E1} | {same} of {requests.Length / ChoiceCount} | {greedy} of {requests.Length} |");
}
