using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Language;

/// <summary>WikiText-2 (Merity et al. 2016, arXiv 1609.07843): the perplexity of articles of Wikipedia.</summary>
internal static partial class WikiText
{
    public static Benchmark Task { get; } = new("wikitext", new DatasetPart("EleutherAI/wikitext_document_level", "wikitext-2-raw-v1", "test", "train"))
    {
        Version = "2.0",
        Description = "WikiText-2: perplexity per word and per byte, and bits per byte, of whole articles. As in lm-evaluation-harness, the spaces around punctuation are "
            + "removed before the model sees a text, while words and bytes are counted before that; the figures differ from llama.cpp's perplexity per token.",
        Output = DocumentOutput.RollingLogLikelihood,
        Define = context => context.Define(_ => "", document => Detokenize(document.Text("page"))) with
        {
            Metrics =
            [
                Create("word_perplexity", MetricAggregation.WeightedPerplexity, CountWords),
                Create("byte_perplexity", MetricAggregation.WeightedPerplexity, CountBytes),
                Create("bits_per_byte", MetricAggregation.BitsPerByte, CountBytes),
            ],
        },
    };

    /// <summary>Removes the spaces that the data set has around punctuation: the steps of the harness' <c>wikitext_detokenizer</c>, in its order.</summary>
    public static string Detokenize(string text)
    {
        text = text.Replace("s '", "s'", StringComparison.Ordinal);
        // The harness' second step replaces "/' 5/" by the text "/'[0-9]/" (its replacement is written like a pattern).
        text = SlashQuoteDigit().Replace(text, "/'[0-9]/");
        foreach ((string from, string to) in s_first)
            text = text.Replace(from, to, StringComparison.Ordinal);
        text = Parentheses().Replace(text, "($1)");
        text = Brackets().Replace(text, "[$1]");
        text = Braces().Replace(text, "{$1}");
        text = DoubleQuotes().Replace(text, "\"$1\"");
        text = SingleQuotes().Replace(text, "'$1'");
        foreach ((string from, string to) in s_last)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }

    private static readonly (string From, string To)[] s_first =
    [
        (" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", "."),
        (" : ", ": "), (" ; ", "; "), (" . ", ". "), (" ! ", "! "), (" ? ", "? "), (" , ", ", "),
    ];

    private static readonly (string From, string To)[] s_last =
    [
        ("= = = =", "===="), ("= = =", "==="), ("= =", "=="), (" ° ", "°"), (" \n", "\n"), ("\n ", "\n"), (" N ", " 1 "), (" 's", "'s"),
    ];

    private static DocumentMetric Create(string name, MetricAggregation aggregation, Func<JsonElement, int> count) => new(
        new TaskMetric(name) { Aggregation = aggregation, HigherIsBetter = false },
        outcome => new MetricSample(outcome.Responses[0].LogLikelihood, count(outcome.Document)));

    // The number of parts between white space, which counts an empty part at each end.
    private static int CountWords(JsonElement document) => WhiteSpace().Count(document.Text("page")) + 1;

    private static int CountBytes(JsonElement document) => Encoding.UTF8.GetByteCount(document.Text("page"));

    [GeneratedRegex("/' [0-9]/", RegexOptions.NonBacktracking)]
    private static partial Regex SlashQuoteDigit();

    [GeneratedRegex(@"\([\s\x1c-\x1f]*([^\)]*?)[\s\x1c-\x1f]*\)", RegexOptions.NonBacktracking)]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"\[[\s\x1c-\x1f]*([^\]]*?)[\s\x1c-\x1f]*\]", RegexOptions.NonBacktracking)]
    private static partial Regex Brackets();

    [GeneratedRegex(@"\{[\s\x1c-\x1f]*([^}]*?)[\s\x1c-\x1f]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Braces();

    [GeneratedRegex("\"[\\s\\x1c-\\x1f]*([^\"]*?)[\\s\\x1c-\\x1f]*\"", RegexOptions.NonBacktracking)]
    private static partial Regex DoubleQuotes();

    [GeneratedRegex(@"'[\s\x1c-\x1f]*([^']*?)[\s\x1c-\x1f]*'", RegexOptions.NonBacktracking)]
    private static partial Regex SingleQuotes();

    [GeneratedRegex(@"[\s\x1c-\x1f]+", RegexOptions.NonBacktracking)]
    private static partial Regex WhiteSpace();
}
