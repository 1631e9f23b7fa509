using CsCheck;
using Llama2.Grammar.Characters;

namespace Llama2.Tests.Grammar.Characters;

public class CodePointSetTests
{
    private static readonly Gen<CodePointSet> s_sets = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 10]).Array[0, 5]
        .Select(ranges => CodePointSet.Of(ranges.Select(range => (range.Item1, range.Item1 + range.Item2))));

    [Fact]
    public void Operations_OfAnySets_AreThoseOfTheirMembers() => Gen.Select(s_sets, s_sets).Sample((left, right) =>
    {
        for (int value = 0; value <= 60; value++)
        {
            left.Union(right).Contains(value).Should().Be(left.Contains(value) || right.Contains(value));
            left.Intersect(right).Contains(value).Should().Be(left.Contains(value) && right.Contains(value));
            left.Except(right).Contains(value).Should().Be(left.Contains(value) && !right.Contains(value));
            left.Complement().Contains(value).Should().Be(!left.Contains(value));
        }
    });

    [Fact]
    public void Complement_OfTheComplement_IsTheSet() =>
        s_sets.Sample(set => set.Complement().Complement().Should().Be(set));

    [Fact]
    public void Covers_AndOverlaps_AreThoseOfTheMembers() => Gen.Select(s_sets, Gen.Int[0, 50], Gen.Int[0, 8]).Sample((set, first, length) =>
    {
        int[] range = [.. Enumerable.Range(first, length + 1)];
        set.Covers(first, first + length).Should().Be(range.All(set.Contains));
        set.Overlaps(first, first + length).Should().Be(range.Any(set.Contains));
    });

    [Fact]
    public void Of_ARangeOverSurrogates_LeavesThemOut()
    {
        var set = CodePointSet.Range(0xD000, 0xE000);
        set.Contains(0xD7FF).Should().BeTrue();
        set.Contains(0xD800).Should().BeFalse();
        set.Contains(0xDFFF).Should().BeFalse();
        set.Contains(0xE000).Should().BeTrue();
        CodePointSet.None.Complement().Should().Be(CodePointSet.All);
    }
}
