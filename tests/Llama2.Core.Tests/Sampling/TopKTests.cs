using CsCheck;
using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

public class TopKTests
{
    [Fact]
    public void Process_One_KeepsTheHighestWithTheLowestId() => new TopK(1).Kept(1, 3, 2, 3).Should().Equal(1);

    [Fact]
    public void Process_TieAtTheEdge_GoesToTheLowerId() => new TopK(2).Kept(2, 1, 2, 3, 2).Should().Equal(3, 0);

    [Fact]
    public void Process_MoreThanThereAre_KeepsAllInOrder() => new TopK(9).Kept(1, 3, 2).Should().Equal(1, 2, 0);

    [Fact]
    public void Process_AnyLogits_EqualsScalarTwin() =>
        Gen.Select(CandidateLists.Logits, Gen.Int[1, 60]).Sample((logits, count) =>
            new TopK(count).Kept(logits).SequenceEqual(CandidateLists.Ordered(logits).Take(count)), iter: 2_000);
}
