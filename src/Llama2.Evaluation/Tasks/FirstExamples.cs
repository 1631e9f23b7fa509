using System.Text.Json;

namespace Llama2.Evaluation.Tasks;

/// <summary>The same first examples before each question (<c>sampler: first_n</c>).</summary>
/// <param name="examples">The examples.</param>
/// <param name="count">The number of examples before each question.</param>
/// <param name="excludesQuestion">Whether the question's own document may be among the examples, and has to be left out.</param>
internal sealed class FirstExamples(IReadOnlyList<JsonElement> examples, int count, bool excludesQuestion = false) : IFewShotSampler
{
    private readonly JsonElement[] _first = [.. examples.Take(count)];

    public IReadOnlyList<JsonElement> Sample(int index, JsonElement document)
        => excludesQuestion ? [.. examples.Where(example => !JsonElement.DeepEquals(example, document)).Take(count)] : _first;
}
