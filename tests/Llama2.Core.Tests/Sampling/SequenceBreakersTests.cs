using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class SequenceBreakersTests
{
    [Fact]
    public void EndAt_SequencesThatShareTheirEnd_FindsEach()
    {
        SequenceBreakers breakers = Of([1, 2], [3, 4, 2], [5]);

        breakers.EndAt([9, 1, 2]).Should().BeTrue();
        breakers.EndAt([3, 4, 2]).Should().BeTrue();
        breakers.EndAt([4, 2]).Should().BeFalse();
        breakers.EndAt([2]).Should().BeFalse();
        breakers.EndAt([5]).Should().BeTrue();
        breakers.EndAt([]).Should().BeFalse();
    }

    [Fact]
    public void Contain_SequenceOfSeveralTokens_IsNoSingleToken()
    {
        SequenceBreakers breakers = Of([1, 2], [5]);

        breakers.Contain(5).Should().BeTrue();
        breakers.Contain(2).Should().BeFalse();
        breakers.Contain(7).Should().BeFalse();
    }

    [Fact]
    public void EndAt_AnySequences_EqualsScalarTwin() =>
        Gen.Select(Gen.Int[0, 3].Array[1, 4].Array[0, 6], Gen.Int[0, 3].Array[0, 8]).Sample((sequences, tokens) =>
            Of(sequences).EndAt(tokens) == sequences.Any(sequence => tokens.AsSpan().EndsWith(sequence)), iter: 2_000);

    private static SequenceBreakers Of(params int[][] sequences)
    {
        var breakers = new SequenceBreakers();
        foreach (int[] sequence in sequences)
            breakers.Add(sequence);
        return breakers;
    }
}
