using CsCheck;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class MergeRanksTests
{
    [Fact]
    public void TryFind_AnyPairs_FindsTheFirstPlaceOfEach() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]).List[0, 60].Sample(pairs =>
        {
            var given = new MergeRanks([.. pairs.SelectMany(pair => new[] { pair.Item1, pair.Item2 })]);
            var added = new MergeRanks(pairs.Count);
            List<(int, int)> distinct = [];
            foreach ((int left, int right) in pairs)
            {
                added.TryAdd(left, right).Should().Be(!distinct.Contains((left, right)));
                if (!distinct.Contains((left, right)))
                    distinct.Add((left, right));
            }

            for (int left = 0; left < 10; left++)
            {
                for (int right = 0; right < 10; right++)
                {
                    given.TryFind(left, right, out uint rank).Should().Be(pairs.Contains((left, right)));
                    added.TryFind(left, right, out uint addedRank).Should().Be(pairs.Contains((left, right)));
                    if (pairs.Contains((left, right)))
                        (rank, addedRank).Should().Be(((uint)pairs.IndexOf((left, right)), (uint)distinct.IndexOf((left, right))));
                }
            }
        });
}
