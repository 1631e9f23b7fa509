using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Tasks;

/// <summary>
/// Examples that are drawn at random for each question (<c>sampler: default</c>). As in lm-evaluation-harness, one generator of Python's draws for all
/// questions in their order, so a question has the same examples however many questions are asked.
/// </summary>
internal sealed class RandomExamples : IFewShotSampler
{
    private readonly IReadOnlyList<JsonElement> _examples;
    private readonly int[][] _indices;
    private readonly int _count;
    private readonly bool _excludesQuestion;

    /// <param name="examples">The examples, at least as many as are drawn.</param>
    /// <param name="count">The number of examples before each question.</param>
    /// <param name="questionCount">The number of questions.</param>
    /// <param name="seed">The seed of the generator.</param>
    /// <param name="excludesQuestion">
    /// Whether the questions are among the examples: then one example more is drawn, and the question's own document is left out.
    /// </param>
    public RandomExamples(IReadOnlyList<JsonElement> examples, int count, int questionCount, long seed, bool excludesQuestion = false)
    {
        (_examples, _count, _excludesQuestion) = (examples, count, excludesQuestion);
        var random = new PythonRandom(seed);
        _indices = new int[questionCount][];
        for (int i = 0; i < questionCount; i++)
            _indices[i] = random.Sample(examples.Count, excludesQuestion ? count + 1 : count);
    }

    public IReadOnlyList<JsonElement> Sample(int index, JsonElement document)
    {
        IEnumerable<JsonElement> drawn = _indices[index].Select(i => _examples[i]);
        return [.. (_excludesQuestion ? drawn.Where(example => !JsonElement.DeepEquals(example, document)) : drawn).Take(_count)];
    }
}
