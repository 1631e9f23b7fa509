using CsCheck;
using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public sealed class AttentionPlanTests : IDisposable
{
    private const int SequenceCount = 6;
    private const int PositionCount = 2000;
    private const int MaxRunLength = 4;
    private readonly TestCache[] _memories;

    public AttentionPlanTests()
    {
        using GgufFile file = new TinyLlama().Open();
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        _memories = [.. Enumerable.Range(0, SequenceCount).Select(_ => new TestCache(configuration, Attentions.For(configuration), PositionCount))];
    }

    public void Dispose() => Array.ForEach(_memories, memory => memory.Dispose());

    // Sequences of 1 to 2,000 positions and of 1 to 9 tokens in the pass, and threads that cut the units anywhere.
    [Fact]
    public void FirstItemFrom_AnyCutsOfTheUnits_AttendsEachSequenceAndHeadOnce()
        => Gen.Select(GenSequences, Gen.Int[1, 8], Gen.Int[1, 8], Gen.Double[0, 1].Array[0, 20]).Sample((sequences, headCount, queryCount, cuts) =>
        {
            (Batch batch, AttentionPlan plan) = Plan(sequences, headCount, queryCount);
            int[] units = [0, .. cuts.Select(cut => (int)(cut * plan.UnitCount)).Order(), plan.UnitCount];
            var attended = new List<(int Run, int Head)>();
            for (int i = 1; i < units.Length; i++)
            {
                for (int item = plan.FirstItemFrom(units[i - 1]); item < plan.FirstItemFrom(units[i]); item++)
                {
                    attended.Add(plan[item]);
                }
            }

            attended.Order().Should().Equal(Enumerable.Range(0, batch.RunCount).SelectMany(run => Enumerable.Range(0, headCount).Select(head => (run, head))));
            plan.ItemCount.Should().Be(attended.Count);
        });

    [Fact]
    public void FirstItemFrom_EqualSharesOfTheUnits_HaveEqualCostsUpToOneItem()
        => Gen.Select(GenSequences, Gen.Int[1, 8], Gen.Int[1, 8], Gen.Int[1, 5]).Sample((sequences, headCount, queryCount, threadCount) =>
        {
            (Batch batch, AttentionPlan plan) = Plan(sequences, headCount, queryCount);
            long[] costs = [.. Enumerable.Range(0, plan.ItemCount).Select(item => Cost(batch, plan[item].Run, queryCount))];
            for (int thread = 0; thread < threadCount; thread++)
            {
                int first = plan.FirstItemFrom(plan.UnitCount * thread / threadCount), end = plan.FirstItemFrom(plan.UnitCount * (thread + 1) / threadCount);
                costs[first..end].Sum().Should().BeInRange(costs.Sum() / threadCount - costs.Max(), costs.Sum() / threadCount + costs.Max());
            }
        });

    [Fact]
    public void Item_SequencesOfDifferentLengths_LongestFirst()
    {
        (_, AttentionPlan plan) = Plan([(1, 3), (1, 1999), (1, 700)], headCount: 2, queryCount: 4);
        Enumerable.Range(0, 6).Select(item => plan[item]).Should().Equal((1, 0), (1, 1), (2, 0), (2, 1), (0, 0), (0, 1));
        // 32, 11 and 1 blocks of 64 positions, for each of the heads.
        plan.UnitCount.Should().Be(2 * (32 + 11 + 1));
        // The first head of the longest sequence, both heads of which are the largest share of the work.
        plan.FirstItemFrom(plan.UnitCount / 2).Should().Be(2);
    }

    [Fact]
    public void Plan_WithoutTokens_HasNoUnits()
    {
        (_, AttentionPlan plan) = Plan([(1, 3)], headCount: 2, queryCount: 4);
        plan.Plan(new Batch(1), 2, 4);
        (plan.UnitCount, plan.ItemCount, plan.FirstItemFrom(0)).Should().Be((0, 0, 0));
    }

    [Fact]
    public void Plan_Again_AllocatesNothing()
    {
        (Batch batch, AttentionPlan plan) = Plan([(9, 3), (1, 1999), (5, 700)], headCount: 2, queryCount: 4);
        AllocationMeter.Measure(() => plan.Plan(batch, 2, 4)).Should().Be(0);
    }

    private static Gen<(int TokenCount, int Position)[]> GenSequences =>
        Gen.Select(Gen.Int[1, 9], Gen.OneOf(Gen.Int[0, 70], Gen.Int[0, PositionCount - 10])).Array[1, SequenceCount];

    // Tiles of 8 rows for each block of 64 positions.
    private static long Cost(Batch batch, int run, int queryCount)
    {
        ReadOnlySpan<Batch.Entry> entries = batch.Entries[batch.RunAt(run)];
        return (entries.Length * queryCount + 7) / 8 * (entries[^1].Position / 64 + 1);
    }

    private (Batch Batch, AttentionPlan Plan) Plan((int TokenCount, int Position)[] sequences, int headCount, int queryCount)
    {
        var batch = new Batch(64);
        for (int i = 0; i < sequences.Length; i++)
        {
            for (int token = 0; token < sequences[i].TokenCount; token++)
            {
                batch.Add(7, sequences[i].Position + token, _memories[i].Cache, wantsLogits: false);
            }
        }

        batch.FindRuns(MaxRunLength);
        var plan = new AttentionPlan(64);
        plan.Plan(batch, headCount, queryCount);
        return (batch, plan);
    }
}
