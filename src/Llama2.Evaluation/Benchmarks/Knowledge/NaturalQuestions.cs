using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Knowledge;

/// <summary>Natural Questions in its open form (Kwiatkowski et al. 2019; Lee et al. 2019, arXiv 1906.00300): questions to a search engine with short answers.</summary>
internal static class NaturalQuestions
{
    private static readonly ExactMatch s_match = new()
    {
        IgnoredRegexes = [PythonRegex.Parse(@"\b(?:The |the |An |A |The |a |an )")],
        IgnoresCase = true,
        IgnoresPunctuation = true,
    };

    public static Benchmark Task { get; } = new("nq_open", new DatasetPart("google-research-datasets/nq_open", null, "validation", "train"))
    {
        Version = "4.0",
        Description = "Natural Questions, open: how often the generated answer, up to a line feed, full stop or comma, is one of the right answers, without regard to case, "
            + "punctuation and articles, as lm-evaluation-harness computes it. No few-shot examples, as in the harness' file; the figure of Llama 2's model card uses 5.",
        Output = DocumentOutput.Generation,
        Define = context => context.Define(document => $"Q: {document.Text("question")}?\nA:", document => TaskValue.Of(document.Texts("answer"))) with
        {
            Description = _ => "Answer these questions:\n\n",
            FewShotDelimiter = "\n",
            Generation = ShortAnswer.Generation,
            Filters = [ShortAnswer.Filter],
            Metrics = [ShortAnswer.CreateMetric(s_match)],
        },
    };
}
