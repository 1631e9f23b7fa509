using Llama2.Generation;
using Llama2.Model;
using Llama2.Tests.Model;

namespace Llama2.Tests.Generation;

public sealed class SchedulerTests : IDisposable
{
    private const int TokenCapacity = 4;
    private readonly TestScheduler _test = new(TokenCapacity, maxWaitingCount: 50);

    private Scheduler Scheduler => _test.Scheduler;

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task ThreadCount_Set_IsAppliedToThreadsAndTheirMemoryByTheNextPass(int threadCount)
    {
        await Compute();
        _test.Runtime.ThreadCount = threadCount;
        _test.Pool.ThreadCount.Should().Be(2, "nothing is computed");

        await Compute();

        _test.Pool.ThreadCount.Should().Be(threadCount);
        _test.State.AttentionScratch.Should().HaveCount(threadCount);
    }

    [Fact]
    public async Task ThreadCount_ThatIsRefused_IsTakenBackAndNoSequenceFails()
    {
        float[] expected = await Compute();
        // More threads than a pool may have.
        _test.Runtime.RequestThreads(1025);

        float[] logits = await Compute();

        logits.Should().Equal(expected);
        _test.Runtime.ThreadCount.Should().Be(2);
        _test.State.AttentionScratch.Should().HaveCount(2);
    }

    [Fact]
    public async Task Abandon_SequenceThatHasEndedOrIsCancelled_IsNotCounted()
    {
        using Pause pause = _test.Pause();
        using var source = new CancellationTokenSource();
        ProbeSequence aborted = new([1]), abandoned = new([2]);
        Scheduler.Start(aborted);
        Scheduler.Start(abandoned);

        Scheduler.Abort(aborted, source.Token);
        Scheduler.Abandon(aborted);
        Scheduler.AbandonedCount.Should().Be(0, "its token ended it");
        Scheduler.Abandon(abandoned);
        Scheduler.Abandon(abandoned);
        Scheduler.AbandonedCount.Should().Be(1, "it counts once");

        pause.End();
        var finished = new ProbeSequence([3]);
        Scheduler.Start(finished);
        await finished.Completion;
        Scheduler.Abandon(finished);
        var failed = new ProbeSequence([4], onAccept: _ => throw new InvalidOperationException());
        Scheduler.Start(failed);
        await FluentActions.Awaiting(() => failed.Completion).Should().ThrowAsync<InvalidOperationException>();
        Scheduler.Abandon(failed);
        Scheduler.AbandonedCount.Should().Be(1, "these had ended");
    }

    [Fact]
    public async Task Start_AnotherComputeBackend_GetsItsLogitsAndRepeatsPassesThatEndedEarly()
    {
        var pass = new SuccessorPass(endedEarlyCount: 2);
        var memory = new KeyValuePool(_test.Configuration, Attentions.For(_test.Configuration), 1 << 20);
        var state = new InferenceState(_test.Configuration, TokenCapacity, TokenCapacity, threadCount: 2);
        using var scheduler = new Scheduler(pass, state, memory, _test.Runtime, maxWaitingCount: 4, Timeout.InfiniteTimeSpan);
        List<int> chosen = [];
        ProbeSequence[] sequences = [.. Enumerable.Range(3, 2).Select(token => new ProbeSequence(
            [token, token, token, token, token + 1], acceptCount: 2, logits => chosen.Add(Array.IndexOf(logits, logits.Max()))))];

        foreach (ProbeSequence sequence in sequences)
        {
            scheduler.Start(sequence);
            await sequence.Completion;
        }

        // After its prompt, each sequence continues with its first token.
        chosen.Should().Equal(5, 4, 6, 5);
        // Each sequence takes two passes of four tokens for its prompt, and one for the next token; two more passes end early.
        pass.PassCount.Should().Be(2 * 3 + 2);
    }

    [Fact]
    public async Task Start_QueueFull_IsBusyUntilOneIsCancelled()
    {
        using var test = new TestScheduler(TokenCapacity, maxWaitingCount: 2);
        Pause pause = test.Pause();
        ProbeSequence first = new([1]), second = new([2]), third = new([3]);
        test.Scheduler.Start(first);
        test.Scheduler.Start(second);

        FluentActions.Invoking(() => test.Scheduler.Start(third)).Should().Throw<LlamaBusyException>().Which.WaitingCount.Should().Be(2);
        test.Scheduler.Cancel(first);
        test.Scheduler.WaitingCount.Should().Be(1, "a cancelled sequence is no longer counted, even before the next pass");
        test.Scheduler.Start(third);

        pause.End();
        await Task.WhenAll(second.Completion, third.Completion);
        first.AcceptedCount.Should().Be(0);
    }

    [Fact]
    public async Task Cancel_ManyThatWaitForThePass_LeavesNothingOfThemBehind()
    {
        using Pause pause = _test.Pause();
        for (int i = 0; i < 100_000; i++)
        {
            var sequence = new ProbeSequence([1]);
            Scheduler.Start(sequence);
            Scheduler.Cancel(sequence);
        }

        Scheduler.WaitingCount.Should().Be(0);
        pause.End();
        await Compute();
        // Finished sequences return their memory before the next pass.
        SpinWait.SpinUntil(() => _test.Memory.UsedByteSize == 0, TimeSpan.FromSeconds(10)).Should().BeTrue();
    }

    [Fact]
    public async Task Dispose_RightAfterAPass_Returns()
    {
        for (int i = 0; i < 500; i++)
        {
            var test = new TestScheduler(TokenCapacity, maxWaitingCount: 2);
            var sequence = new ProbeSequence([1]);
            test.Scheduler.Start(sequence);
            await sequence.Completion;

            await Task.Run(test.Dispose).WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task Dispose_WhileSequencesWaitAndRun_FailsAllAsDisposed()
    {
        using var test = new TestScheduler(TokenCapacity, maxWaitingCount: 50, memoryByteSize: 1 << 28);
        ProbeSequence[] running = [.. Enumerable.Range(0, 5).Select(i => new ProbeSequence([i], acceptCount: 100_000))];
        Array.ForEach(running, test.Scheduler.Start);
        Pause pause = test.Pause();
        ProbeSequence[] waiting = [.. Enumerable.Range(0, 5).Select(i => new ProbeSequence([i]))];
        Array.ForEach(waiting, test.Scheduler.Start);

        Task disposal = Task.Run(test.Scheduler.Dispose);
        // While the scheduler is being disposed, its number of threads cannot be set.
        SpinWait.SpinUntil(() => test.Scheduler.IsStopping, TimeSpan.FromSeconds(10)).Should().BeTrue();
        pause.End();
        await disposal;

        foreach (ProbeSequence sequence in (ProbeSequence[])[.. running, .. waiting])
        {
            await FluentActions.Awaiting(() => sequence.Completion).Should().ThrowAsync<ObjectDisposedException>();
        }

        FluentActions.Invoking(() => test.Scheduler.Start(new ProbeSequence([1]))).Should().Throw<ObjectDisposedException>();

    }

    [Fact]
    public async Task Start_MoreThatDecodeThanAPassHolds_AllHaveTheirTurnBeforeOneHasItTwice()
    {
        const int AcceptCount = 30;
        int passedOver = 0;
        ProbeSequence[] sequences = [];
        sequences = [.. Enumerable.Range(0, 10 * TokenCapacity + 1).Select(i => new ProbeSequence([i], AcceptCount, _ => CompareTurns()))];
        Pause pause = _test.Pause();
        Array.ForEach(sequences, Scheduler.Start);

        pause.End();
        await Task.WhenAll(sequences.Select(sequence => sequence.Completion));

        passedOver.Should().Be(0);

        void CompareTurns()
        {
            int most = sequences.Max(sequence => sequence.AcceptedCount);
            if (most < AcceptCount && sequences.Min(sequence => sequence.AcceptedCount) < most - 2)
            {
                passedOver++;
            }
        }
    }

    [Fact]
    public async Task Start_SamePromptAtTheSameMoment_ComputesItOnce()
    {
        int[] prompt = [.. Enumerable.Range(0, 100).Select(i => i % TinyLlama.VocabularySize)];
        var logits = new List<float[]>();
        ProbeSequence[] sequences = [.. Enumerable.Range(0, 5).Select(_ => new ProbeSequence(prompt, onAccept: logits.Add))];
        Pause pause = _test.Pause();
        Array.ForEach(sequences, Scheduler.Start);

        pause.End();
        await Task.WhenAll(sequences.Select(sequence => sequence.Completion));

        sequences.Sum(sequence => prompt.Length - sequence.ReusedCount).Should().Be(prompt.Length + sequences.Length - 1, "each computes the last token, for its logits");
        logits.Should().HaveCount(5).And.AllSatisfy(row => row.Should().Equal(logits[0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(64)]
    [InlineData(90)]
    [InlineData(100)]
    public async Task Start_SamePromptInManyScopesAtTheSameMoment_ComputesOnlyItsPublicTokensOnce(int publicCount)
    {
        int[] prompt = [.. Enumerable.Range(0, 100).Select(i => i % TinyLlama.VocabularySize)];
        ProbeSequence[] sequences = [.. Enumerable.Range(0, 5).Select(i => new ProbeSequence(prompt, sharing: new PrefixSharing(i == 0 ? null : $"{i}", publicCount)))];
        Pause pause = _test.Pause();
        Array.ForEach(sequences, Scheduler.Start);

        pause.End();
        await Task.WhenAll(sequences.Select(sequence => sequence.Completion));

        // All sequences but the first computed only the last token, whose logits are needed, and the tokens that are not public.
        int ownCount = Math.Max(1, prompt.Length - publicCount);
        sequences.Sum(sequence => prompt.Length - sequence.ReusedCount).Should().Be(prompt.Length + 4 * ownCount);
    }

    [Fact]
    public async Task Start_SamePromptBesideOneThatSharesNothing_DoesNotWaitForIt()
    {
        int[] prompt = [.. Enumerable.Range(0, 100).Select(i => i % TinyLlama.VocabularySize)];
        ProbeSequence[] sequences = [new(prompt, sharing: PrefixSharing.None), new(prompt), new(prompt, sharing: PrefixSharing.None)];
        Pause pause = _test.Pause();
        Array.ForEach(sequences, Scheduler.Start);

        pause.End();
        await Task.WhenAll(sequences.Select(sequence => sequence.Completion));

        sequences.Select(sequence => sequence.ReusedCount).Should().Equal(0, 0, 0);
    }

    [Fact]
    public async Task Start_SequenceWhoseTokensOverflow_FailsAloneAndTheOthersOfThePassGoOn()
    {
        const int Bad = 7;
        // Column 0 of the key projection has huge weights, and only the bad token's embedding has a nonzero element 0.
        TinyLlama model = new TinyLlama()
            .WithTensor("token_embd.weight", GgmlType.F32, [64, TinyLlama.VocabularySize], Floats(TinyLlama.VocabularySize, (row, column) => column > 0 ? MathF.Sin(row * 64 + column) : row == Bad ? 9 : 0))
            .WithTensor("blk.0.attn_k.weight", GgmlType.F32, [64, 32], Floats(32, (row, column) => column > 0 ? MathF.Sin(row + column) / 8 : float.MaxValue));
        using var test = new TestScheduler(tokenCapacity: 32, maxWaitingCount: 50, model: model);
        var expected = new List<float[]>();
        foreach (int token in (int[])[1, 2, 3])
        {
            var alone = new ProbeSequence([token], 5, expected.Add);
            test.Scheduler.Start(alone);
            await alone.Completion;
        }

        var logits = new List<float[]>[] { [], [], [] };
        ProbeSequence[] good = [.. Enumerable.Range(0, 3).Select(i => new ProbeSequence([i + 1], 5, logits[i].Add))];
        ProbeSequence[] bad = [new([4, Bad]), new([5, Bad, 6])];
        Pause pause = test.Pause();
        Array.ForEach([good[0], bad[0], good[1], bad[1], good[2]], test.Scheduler.Start);

        pause.End();
        await Task.WhenAll(good.Select(sequence => sequence.Completion));

        foreach (ProbeSequence sequence in bad)
        {
            await FluentActions.Awaiting(() => sequence.Completion).Should().ThrowAsync<NumericalException>();
        }

        logits.SelectMany(rows => rows).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
        // The scheduler frees the memory of finished sequences in the step after the one that finished them.
        SpinWait.SpinUntil(() => test.Memory.UsedByteSize <= test.Memory.PageByteSize, TimeSpan.FromSeconds(10)).Should().BeTrue("only the pause may still have a page");
    }

    [Theory]
    [InlineData(float.MaxValue, 0)]
    [InlineData(0.01f, 69)]
    public async Task Start_AfterAFaultOfTheNumbers_ReusesOnlyWhatIsSound(float outputWeight, int reusedCount)
    {
        TinyLlama model = new TinyLlama().WithTensor(
            "output.weight", GgmlType.F32, [64, TinyLlama.VocabularySize], Floats(TinyLlama.VocabularySize, (row, column) => MathF.Sin(row + column) * outputWeight));
        using var test = new TestScheduler(tokenCapacity: 32, maxWaitingCount: 50, model: model);
        int[] prompt = [.. Enumerable.Range(0, 70).Select(i => i % TinyLlama.VocabularySize)];
        var faulty = new ProbeSequence(prompt, onAccept: _ => throw new NumericalException("It is of no use.", 3, outputWeight));
        test.Scheduler.Start(faulty);
        await FluentActions.Awaiting(() => faulty.Completion).Should().ThrowAsync<NumericalException>();

        var next = new ProbeSequence(prompt);
        test.Scheduler.Start(next);
        await next.Completion;

        next.ReusedCount.Should().Be(reusedCount);
    }

    private static byte[] Floats(int rowCount, Func<int, int, float> value)
        => [.. Enumerable.Range(0, rowCount * 64).SelectMany(i => BitConverter.GetBytes(value(i / 64, i % 64)))];

    private Task<float[]> Compute()
    {
        int[] tokens = [1, 2, 3, 4, 5, 6];
        var sequence = new LogitsSequence(tokens, _test.Configuration.VocabularySize);
        Scheduler.Start(sequence);
        return sequence.Logits;
    }
}
