using CsCheck;
using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;

namespace Llama2.Tests.Model;

public sealed class KeyValuePoolTests : IDisposable
{
    private const int PageLength = Attention.BlockLength;
    private static readonly ModelConfiguration s_configuration = ReadConfiguration();
    private static readonly Attention s_attention = Attentions.For(s_configuration);
    private static readonly long s_pageByteSize = KeyValuePage.ByteSizeFor(s_configuration, s_attention);
    private readonly KeyValuePool _pool = new(s_configuration, s_attention, 8 * s_pageByteSize);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void TryRent_PrefixOfARunningSequence_SharesItsWholePagesAndCopiesTheRest()
    {
        int[] first = Tokens(0, 2 * PageLength + 20);
        KeyValueCache running = Compute(first, reusableCount: 0, first.Length);
        int[] second = [.. first[..(2 * PageLength + 15)], .. Tokens(500, 30)];

        KeyValueCache cache = _pool.TryRent(second, second.Length - 1, second.Length, out int computedCount)!;

        computedCount.Should().Be(2 * PageLength + 15);
        cache.Pages[0].Should().BeSameAs(running.Pages[0]);
        cache.Pages[1].Should().BeSameAs(running.Pages[1]);
        cache.Pages[2].Should().NotBeSameAs(running.Pages[2]);
        Read(cache, computedCount).Should().Equal(Read(running, computedCount));
        _pool.UsedByteSize.Should().Be(4 * s_pageByteSize, "two pages are shared, and each has a third of its own");
    }

    [Fact]
    public void TryRent_PrefixOfAnEndedSequence_IsStillKnown()
    {
        int[] tokens = Tokens(0, PageLength + 10);
        _pool.Return(Compute(tokens, 0, tokens.Length));

        _pool.TryRent(tokens, tokens.Length - 1, tokens.Length, out int computedCount).Should().NotBeNull();

        computedCount.Should().Be(tokens.Length - 1, "the last token's logits are needed");
    }

    [Fact]
    public void TryRent_NothingReusable_ComputesAll()
    {
        int[] tokens = Tokens(0, PageLength + 10);
        _pool.Return(Compute(tokens, 0, tokens.Length));

        _pool.TryRent(tokens, 0, tokens.Length, out int computedCount);

        computedCount.Should().Be(0);
    }

    [Fact]
    public void TryRent_MoreThanIsLeft_IsNullAndTakesNothing()
    {
        _pool.TryRent(Tokens(0, 3), 0, 6 * PageLength, out _).Should().NotBeNull();
        _pool.TryRent(Tokens(0, 3), 0, 3 * PageLength, out _).Should().BeNull();

        _pool.UsedByteSize.Should().Be(6 * s_pageByteSize);
        _pool.TryRent(Tokens(0, 3), 0, 2 * PageLength, out _).Should().NotBeNull();
    }

    [Fact]
    public void TryRent_NoPageLeft_GivesUpTheLeastRecentlyUsedPrefix()
    {
        int[] old = Tokens(0, 2 * PageLength), recent = Tokens(1000, 2 * PageLength);
        _pool.Return(Compute(old, 0, old.Length));
        _pool.Return(Compute(recent, 0, recent.Length));
        _pool.Return(_pool.TryRent([1], 0, 4 * PageLength, out _)!);
        KeyValueCache six = Compute(Tokens(2000, 6 * PageLength), 0, 6 * PageLength);
        _pool.Return(six);

        _pool.TryRent(recent, recent.Length, recent.Length, out int recentCount);
        recentCount.Should().Be(2 * PageLength);
        _pool.TryRent(old, old.Length, old.Length, out int oldCount);
        oldCount.Should().Be(0, "its pages were given up");
    }

    [Fact]
    public void Extend_OntoPagesOfEndedSequences_AllocatesNothing()
    {
        const int PageCount = 80;
        using var pool = new KeyValuePool(s_configuration, s_attention, PageCount * s_pageByteSize);
        int[] tokens = Tokens(0, PageCount * PageLength);
        KeyValueCache ended = pool.TryRent(tokens, 0, tokens.Length, out _)!;
        pool.Extend(ended, tokens.Length);
        Publish(pool, ended, tokens, 0);
        pool.Return(ended);
        KeyValueCache cache = pool.TryRent([1], 0, PageCount * PageLength, out _)!;
        int position = cache.PageCount * PageLength;
        position.Should().BeLessThanOrEqualTo((PageCount - 6) * PageLength, "each call of the measurement takes a page");

        AllocationMeter.Measure(() => pool.Extend(cache, position += PageLength)).Should().Be(0);
    }

    [Fact]
    public void Reuse_PrefixThatAnotherComputedMeanwhile_IsTakenOver()
    {
        int[] tokens = Tokens(0, 3 * PageLength);
        KeyValueCache waiting = _pool.TryRent(tokens, tokens.Length - 1, tokens.Length, out int computedCount)!;
        computedCount.Should().Be(0);
        KeyValueCache other = Compute(tokens[..(PageLength + 7)], 0, 2 * PageLength);

        int reused = _pool.Reuse(waiting, tokens, tokens.Length - 1, 0);

        reused.Should().Be(PageLength + 7);
        waiting.Pages[0].Should().BeSameAs(other.Pages[0]);
        Read(waiting, reused).Should().Equal(Read(other, reused));
        Publish(waiting, tokens, reused);
        waiting.Pages[2].Tokens.ToArray().Should().Equal(tokens[(2 * PageLength)..]);
    }

    [Fact]
    public void Publish_PageThatAnotherHasToo_KeepsOne()
    {
        int[] tokens = Tokens(0, PageLength);
        KeyValueCache first = _pool.TryRent(tokens, 0, tokens.Length, out _)!, second = _pool.TryRent(tokens, 0, tokens.Length, out _)!;
        Publish(first, tokens, 0);
        Publish(second, tokens, 0);

        second.Pages[0].Should().BeSameAs(first.Pages[0]);
        _pool.UsedByteSize.Should().Be(s_pageByteSize);
    }

    [Fact]
    public void TryRent_AnyHistory_GivesEachSequenceTheKeysOfItsOwnTokens()
    {
        Gen<(int[] Tokens, bool Returns)[]> history = Gen.Select(Gen.Int[0, 2].Array[1, 4 * PageLength], Gen.Bool).Array[1, 12];
        history.Sample(
            sequences =>
            {
                using var pool = new KeyValuePool(s_configuration, s_attention, 12 * s_pageByteSize);
                var running = new List<(KeyValueCache Cache, int[] Tokens)>();
                foreach ((int[] tokens, bool returns) in sequences)
                {
                    KeyValueCache? cache = pool.TryRent(tokens, tokens.Length - 1, tokens.Length, out int computedCount);
                    if (cache is null)
                    {
                        running.ForEach(entry => pool.Return(entry.Cache));
                        running.Clear();
                        continue;
                    }

                    computedCount.Should().BeLessThan(tokens.Length);
                    Publish(pool, cache, tokens, computedCount);
                    running.Add((cache, tokens));
                    foreach ((KeyValueCache other, int[] itsTokens) in running)
                    {
                        Read(other, itsTokens.Length).Should().Equal(itsTokens.Select((token, position) => Number(token, position)));
                    }

                    if (returns)
                    {
                        pool.Return(cache);
                        running.RemoveAt(running.Count - 1);
                    }
                }
            },
            iter: 60);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("")]
    [InlineData(null)]
    public void TryRent_AnotherScope_FindsPublicTokensOnly(string? other)
    {
        const int PublicCount = PageLength + 10;
        int[] tokens = Tokens(0, 3 * PageLength);
        Compute(tokens, 0, tokens.Length, new PrefixSharing("scope", PublicCount));

        Reusable(tokens, new PrefixSharing(other)).Should().Be(PublicCount);
        Reusable(tokens, new PrefixSharing(other, PublicCount)).Should().Be(PublicCount);
        Reusable(tokens, new PrefixSharing("scope")).Should().Be(tokens.Length - 1);
        Reusable(tokens, new PrefixSharing("scope", PublicCount)).Should().Be(tokens.Length - 1);
        Reusable(tokens, PrefixSharing.None).Should().Be(0);
    }

    [Fact]
    public void TryRent_ScopeThatKnowsItselfWhatIsMarkedPublicLater_StillFindsItsOwn()
    {
        int[] tokens = Tokens(0, 3 * PageLength);
        _pool.Return(Compute(tokens, 0, tokens.Length, new PrefixSharing("scope")));

        Reusable(tokens, new PrefixSharing("scope", 2 * PageLength)).Should().Be(tokens.Length - 1);
        Reusable(tokens, new PrefixSharing("other", 2 * PageLength)).Should().Be(0);
    }

    [Fact]
    public void TryRent_PagesThatArePublic_AreTheSameMemoryForAllScopes()
    {
        int[] tokens = Tokens(0, 2 * PageLength + 1);
        KeyValueCache first = Compute(tokens, 0, tokens.Length, new PrefixSharing("a", 2 * PageLength));

        KeyValueCache second = _pool.TryRent(tokens, tokens.Length - 1, tokens.Length, out _, sharing: new PrefixSharing("b", 2 * PageLength))!;

        second.Pages[0].Should().BeSameAs(first.Pages[0]);
        second.Pages[1].Should().BeSameAs(first.Pages[1]);
        second.Pages[2].Should().NotBeSameAs(first.Pages[2]);
        _pool.UsedByteSize.Should().Be(4 * s_pageByteSize);
    }

    // Once the pages of the public path are taken, they count as used, in addition to the pages of the running sequence, which have the same content.
    [Fact]
    public void TryRent_PublicPathAsLongAsThatOfARunningSequence_TakesThePublicOneAndWaitsIfItsPagesDoNotFit()
    {
        int[] tokens = Tokens(0, 2 * PageLength + 1);
        KeyValueCache running = Compute(tokens, 0, 2 * PageLength, new PrefixSharing("a"), 2 * PageLength);
        _pool.Return(Compute(tokens, 0, 2 * PageLength, new PrefixSharing("b", 2 * PageLength), 2 * PageLength));

        _pool.TryRent(tokens, 2 * PageLength, 7 * PageLength, out _, sharing: new PrefixSharing("a")).Should().BeNull("two pages are used by the running sequence");
        KeyValueCache cache = _pool.TryRent(tokens, 2 * PageLength, 6 * PageLength, out int count, sharing: new PrefixSharing("a"))!;

        count.Should().Be(2 * PageLength);
        cache.Pages[0].Should().NotBeSameAs(running.Pages[0]);
        _pool.Return(cache);
        _pool.Return(running);
        _pool.TryRent(tokens, 2 * PageLength, 8 * PageLength, out _, sharing: new PrefixSharing("a")).Should().NotBeNull("nothing runs that it could wait for");
    }

    [Fact]
    public void Return_NotShared_LeavesNothingInTheTree()
    {
        int[] tokens = Tokens(0, PageLength + 10);
        KeyValueCache cache = Compute(tokens, 0, tokens.Length, PrefixSharing.None);
        Reusable(tokens).Should().Be(0, "while it runs");

        _pool.Return(cache);

        Reusable(tokens).Should().Be(0);
        _pool.BranchCount.Should().Be(0);
    }

    [Fact]
    public void Return_Unsound_TakesThePublicTokensAwayToo()
    {
        int[] tokens = Tokens(0, PageLength + 20);
        KeyValueCache cache = Compute(tokens, 0, tokens.Length, new PrefixSharing("a", PageLength + 10));

        _pool.Return(cache, isSound: false);

        Reusable(tokens, new PrefixSharing("b")).Should().Be(0);
        Reusable(tokens, new PrefixSharing("a")).Should().Be(0);
    }

    [Fact]
    public void TryRent_HundredThousandScopesOverTime_KeepsNoMoreThanThePagesThereAre()
    {
        int[] system = Tokens(5000, 3 * PageLength / 2);
        for (int user = 0; user < 100_000; user++)
        {
            var sharing = new PrefixSharing($"user {user}", system.Length);
            int[] prompt = [.. system, user % 3000, 1];
            KeyValueCache cache = _pool.TryRent(prompt, prompt.Length - 1, prompt.Length, out int computedCount, sharing: sharing)!;
            computedCount.Should().Be(user == 0 ? 0 : system.Length, "of user {0}", user);
            for (int position = computedCount; position < prompt.Length; position++)
            {
                _pool.Publish(cache, position, [prompt[position]]);
            }

            _pool.Return(cache);
        }

        _pool.BranchCount.Should().BeLessThanOrEqualTo(_pool.PageCapacity + 1);
    }

    [Fact]
    public void TryRent_NoPageToSpareForTheCopyOfPublicTokens_ComputesWithoutIt()
    {
        int[] tokens = Tokens(0, 8 * PageLength);
        KeyValueCache cache = Compute(tokens, 0, tokens.Length, new PrefixSharing("a", 10));
        cache.PageCount.Should().Be(_pool.PageCapacity);
        _pool.Return(cache);

        Reusable(tokens, new PrefixSharing("a")).Should().Be(7 * PageLength, "the last page is freed for the copy that the sequence continues");
        Reusable(tokens, new PrefixSharing("b")).Should().Be(0);
    }

    private int Reusable(int[] tokens, PrefixSharing? sharing = null)
    {
        _pool.Return(_pool.TryRent(tokens, tokens.Length - 1, tokens.Length, out int count, sharing: sharing)!);
        return count;
    }

    private static int[] Tokens(int first, int count) => [.. Enumerable.Range(first, count)];

    // The value of a key contains its token and its position, so that a key in a wrong place is noticed.
    private static float Number(int token, int position) => token * 1000 + position;

    private static float[] Read(KeyValueCache cache, int count)
    {
        float[] numbers = new float[count];
        for (int position = 0; position < count; position++)
        {
            int layer = s_configuration.LayerCount - 1, head = s_configuration.KeyValueHeadCount - 1;
            ReadOnlySpan<byte> keys = cache.Keys(layer, head, position / PageLength);
            (int panel, int row) = Math.DivRem(position % PageLength, 16);
            numbers[position] = BitConverter.ToSingle(keys[((panel * s_configuration.HeadLength * 16 + row) * sizeof(float))..]);
        }

        return numbers;
    }

    private static void Publish(KeyValuePool pool, KeyValueCache cache, int[] tokens, int start)
    {
        float[] heads = new float[s_configuration.KeyValueLength];
        for (int position = start; position < tokens.Length; position++)
        {
            Array.Fill(heads, Number(tokens[position], position));
            for (int layer = 0; layer < s_configuration.LayerCount; layer++)
            {
                cache.Store(layer, position, heads, heads);
            }

            pool.Publish(cache, position, [tokens[position]]);
        }
    }

    private static ModelConfiguration ReadConfiguration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }

    private void Publish(KeyValueCache cache, int[] tokens, int start) => Publish(_pool, cache, tokens, start);

    private KeyValueCache Compute(int[] tokens, int reusableCount, int capacity, PrefixSharing? sharing = null, int? end = null)
    {
        KeyValueCache cache = _pool.TryRent(tokens, reusableCount, capacity, out int computedCount, sharing: sharing)!;
        Publish(cache, tokens[..(end ?? tokens.Length)], computedCount);
        return cache;
    }
}
