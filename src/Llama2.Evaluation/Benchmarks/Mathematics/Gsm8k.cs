using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Mathematics;

/// <summary>GSM8K (Cobbe et al. 2021, arXiv 2110.14168): word problems of elementary mathematics, whose solutions are generated.</summary>
internal static class Gsm8k
{
    private static readonly DatasetPart s_data = new("openai/gsm8k", "main", "test", "train");

    private static readonly ExactMatch s_match = new()
    {
        IgnoredRegexes = [PythonRegex.Parse(","), PythonRegex.Parse(@"\$"), PythonRegex.Parse("(?s).*#### "), PythonRegex.Parse(@"\.$")],
        IgnoresCase = true,
    };

    private static readonly FilterPipeline s_flexible = new("flexible-extract", [new RegexFilter(PythonRegex.Parse("(-?[$0-9.,]{2,})|(-?[0-9]+)"), index: -1), new TakeFirstFilter(1)]);

    public static Benchmark Task { get; } = new("gsm8k", s_data)
    {
        Version = "3.0",
        Description = "GSM8K: how often the number in the generated solution is right: after \"####\" (strict-match), or the last number (flexible-extract), as lm-evaluation-harness "
            + "computes both. 5 few-shot examples, drawn from the split train; Llama 2's paper uses 8.",
        Output = DocumentOutput.Generation,
        Tags = ["math_word_problems"],
        FewShotCount = 5,
        Define = context => context.Define(document => $"Question: {document.Text("question")}\nAnswer:", document => document.Text("answer")) with
        {
            Generation = new GenerationRequest("") { StopSequences = ["Question:", "</s>", "<|im_end|>"] },
            Filters = [Strict(@"#### (\-?[0-9\.\,]+)"), s_flexible],
            Metrics = [CreateMetric("strict-match"), CreateMetric("flexible-extract")],
        },
    };

    public static Benchmark ChainOfThought { get; } = new("gsm8k_cot", s_data)
    {
        Version = "3.0",
        Description = "GSM8K with the eight few-shot examples of chain-of-thought prompting (Wei et al. 2022, arXiv 2201.11903): how often the number in the generated solution is right: "
            + "after \"The answer is\" (strict-match), or the last number (flexible-extract), as lm-evaluation-harness computes both.",
        Output = DocumentOutput.Generation,
        Tags = ["chain_of_thought"],
        FewShotCount = 8,
        FewShotsAreFirst = true,
        FewShotExamples = Gsm8kExamples.Read,
        Define = context => context.Define(document => $"Q: {document.Text("question")}\nA:", FinalAnswer) with
        {
            FewShotTarget = document => document.Text("target"),
            Generation = new GenerationRequest("") { StopSequences = ["Q:", "</s>", "<|im_end|>"] },
            Filters = [Strict(@"The answer is (\-?[0-9\.\,]+)."), s_flexible],
            Metrics = [CreateMetric("strict-match"), CreateMetric("flexible-extract")],
        },
    };

    private static TaskValue FinalAnswer(JsonElement document) => PythonString.Strip(document.Text("answer").Split("####")[^1]);

    private static FilterPipeline Strict(string pattern) => new("strict-match", [new RegexFilter(PythonRegex.Parse(pattern)), new TakeFirstFilter(1)]);

    private static DocumentMetric CreateMetric(string filter) => new(
        new TaskMetric("exact_match", filter),
        outcome => new MetricSample(s_match.IsMatch(outcome.Answers[0], [outcome.Target.ToText(null)]) ? 1 : 0));
}
