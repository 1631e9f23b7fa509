using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Tasks;

/// <summary>
/// Few-shot examples that are drawn at random for each question, as lm-evaluation-harness' default sampler draws them: one generator serves all questions of
/// the task in their order, so the examples of a question depend on its index alone. Thread-safe.
/// </summary>
/// <param name="examples">The examples.</param>
/// <param name="count">The number of examples before each question.</param>
/// <param name="excludesQuestion">Whether one more example is drawn, and the question's own document is left out.</param>
/// <param name="seed">The generator's seed.</param>
internal sealed class RandomExamples(IReadOnlyList<JsonElement> examples, int count, bool excludesQuestion, long seed) : IFewShotSampler
{
    private readonly PythonRandom _random = new(seed);
    private readonly List<int[]> _draws = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<JsonElement> Sample(int index, JsonElement document)
    {
        IEnumerable<JsonElement> drawn = Draw(index).Select(position => examples[position]);
        return excludesQuestion ? [.. drawn.Where(example => !JsonElement.DeepEquals(example, document)).Take(count)] : [.. drawn];
    }

    private int[] Draw(int index)
    {
        lock (_lock)
        {
            while (_draws.Count <= index)
                _draws.Add(_random.Sample(examples.Count, excludesQuestion ? count + 1 : count));
            return _draws[index];
        }
    }
}
