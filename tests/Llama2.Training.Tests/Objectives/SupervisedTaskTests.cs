using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Objectives;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Objectives;

public sealed class SupervisedTaskTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;

    public SupervisedTaskTests() => _multiplier = new(_pool, WeightMatrixFactory.BestTier);

    public void Dispose()
    {
        _multiplier.Dispose();
        _pool.Dispose();
    }

    // The tokens are a question, an answer and another question. The answer's tokens are predicted from the first question, so only the last question
    // can be changed without an effect.
    [Fact]
    public void Accumulate_MaskedTextThatNothingLearnedFollows_LeavesGradientsAsTheyAreBitForBit()
    {
        bool[] isLearned = [false, false, false, true, true, false, false, false];
        float[][] gradients = Gradients([1, 5, 9, 7, 2, 3, 4, 8], isLearned);

        float[][] changed = Gradients([1, 5, 9, 7, 2, 11, 12, 13], isLearned);

        gradients.SelectMany(values => values).Count(value => value != 0).Should().BeGreaterThan(100, "something is learned");
        changed.Should().BeEquivalentTo(gradients, options => options.WithStrictOrdering());
    }

    // A position learns the token after it. Masked tokens are not learned, so the gradient is the sum of the gradients of the learned tokens.
    [Fact]
    public void Accumulate_SomeWordsMasked_IsTheSumOverTheLearnedWordsAlone()
    {
        int[] tokens = [1, 5, 9, 7, 2, 3, 4, 8];
        float[][] both = Gradients(tokens, [false, false, false, true, false, false, true, false]);

        float[][] first = Gradients(tokens, [false, false, false, true, false, false, false, false]), second = Gradients(tokens, [false, false, false, false, false, false, true, false]);

        double largest = both.SelectMany(values => values).Max(Math.Abs);
        both.SelectMany(values => values).Should().Equal(
            first.SelectMany(values => values).Zip(second.SelectMany(values => values), (left, right) => left + right), (actual, expected) => Math.Abs(actual - expected) <= 2e-5 * largest);
    }

    [Fact]
    public void Accumulate_LearnedWordChanged_ChangesGradients()
    {
        bool[] isLearned = [false, false, false, true, true, false, false, false];

        Gradients([1, 5, 9, 7, 6, 3, 4, 8], isLearned).Should().NotBeEquivalentTo(Gradients([1, 5, 9, 7, 2, 3, 4, 8], isLearned), options => options.WithStrictOrdering());
    }

    private float[][] Gradients(int[] tokens, bool[] isLearned)
    {
        using TrainingModel model = Golden.Instance.CreateTrained(_multiplier, hasCheckpoints: true);
        new SupervisedTask([new TrainingSample(tokens, isLearned)], Golden.Instance.Shape.VocabularySize).Accumulate(model, new TokenBatch(64), [0], scale: 1);
        return [.. model.Parameters.Select(parameter => parameter.Gradient.Slice(0, (int)parameter.Gradient.PaddedLength).ToArray())];
    }
}
