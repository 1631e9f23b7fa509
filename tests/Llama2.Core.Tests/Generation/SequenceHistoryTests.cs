using CsCheck;
using Llama2.Formats.Gguf;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tests.Model;

namespace Llama2.Tests.Generation;

/// <summary>
/// Random histories of sequences. Sequences start, some with the text of another sequence as their prompt. They are computed together, make wrong
/// guesses, drop their oldest tokens, wait for memory, and are cancelled. The result is compared with a naive model, in which each text depends only
/// on its own tokens.
/// </summary>
public class SequenceHistoryTests
{
    private const int PageCapacity = 24;
    private const int VocabularySize = 5;
    private const int BatchCapacity = 40;

    // An ordinary test run tries 1,500 histories. The environment variable sets a larger number: 100,000 histories take a few minutes.
    private static readonly int s_historyCount = int.TryParse(Environment.GetEnvironmentVariable("LLAMA2_TEST_HISTORIES"), out int count) ? count : 1_500;
    private static readonly ModelConfiguration s_configuration = ReadConfiguration();
    private static readonly Attention s_attention = Attentions.For(s_configuration);

    [Fact]
    public void Sequences_AnyHistory_SayWhatEachSaysAlone()
        => Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1000], Gen.Int[0, 1000]).Array[1, 30].Sample(
            operations =>
            {
                using var run = new Run();
                foreach ((int kind, int choice, int size) in operations)
                {
                    run.Apply(kind, choice, size);
                }

                run.Finish();
            },
            iter: s_historyCount);

    private static ModelConfiguration ReadConfiguration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }

    // The model's next token after these tokens: an arbitrary function of all of them.
    private static int Next(uint state) => (int)(state / 7919 % VocabularySize);

    // The content of a position's keys, computed from that of the position before. A float represents it exactly.
    private static uint Mix(uint state, int token, int position) => (state * 31 + (uint)token * 17 + (uint)position + 1) % 16_777_213;

    private static uint StateOf(ReadOnlySpan<int> tokens)
    {
        uint state = 0;
        for (int position = 0; position < tokens.Length; position++)
        {
            state = Mix(state, tokens[position], position);
        }

        return state;
    }

    private sealed class Run : IDisposable
    {
        private readonly KeyValuePool _pool = new(s_configuration, s_attention, PageCapacity * KeyValuePage.ByteSizeFor(s_configuration, s_attention));
        private readonly InferenceState _state = new(s_configuration, 1, BatchCapacity, 1);
        private readonly Batch _batch = new(BatchCapacity);
        private readonly TokenCandidates _candidates = new(1);
        private readonly List<Saying> _running = [];
        private readonly List<int[]> _said = [[1]];
        private readonly float[] _heads = new float[s_configuration.KeyValueLength];

        public void Apply(int kind, int choice, int size)
        {
            Saying? chosen = _running.Count > 0 ? _running[choice % _running.Count] : null;
            switch (kind)
            {
                case 0 or 1 or 2:
                    Start(choice, size);
                    break;
                case 3 when chosen is not null:
                    Drop(chosen);
                    break;
                default:
                    Pass(choice, 1 + size % BatchCapacity);
                    break;
            }
        }

        // Runs all sequences to their end, whatever happened before.
        public void Finish()
        {
            for (int pass = 0; _running.Count > 0; pass++)
            {
                pass.Should().BeLessThan(10_000);
                Pass(pass, BatchCapacity);
            }

            _pool.UsedByteSize.Should().Be(0);
        }

        public void Dispose()
        {
            _state.Dispose();
            _pool.Dispose();
        }

        // Starts a sequence whose prompt is the text of another sequence, or a part of it, and one more token.
        private void Start(int choice, int size)
        {
            int[] said = _said[choice % _said.Count];
            int[] prompt = [.. said[..Math.Min(said.Length, size)], 1 + choice % (VocabularySize - 1)];
            var sequence = new Saying(prompt, contextLength: prompt.Length + 20 + size % 60, sayCount: 1 + choice % 120, choice, size % 3 == 0 ? PrefixSharing.None : new PrefixSharing(size % 3 == 1 ? null : "other"));
            if (sequence.TryStart(_pool))
            {
                _running.Add(sequence);
            }
        }

        private void Pass(int choice, int capacity)
        {
            _batch.Clear();
            var shares = new List<(Saying Sequence, int Count, int LogitsRow)>();
            for (int i = 0; i < _running.Count; i++)
            {
                Saying sequence = _running[(choice + i) % _running.Count];
                if (!sequence.IsDecoding)
                {
                    sequence.Reuse();
                }

                int row = _batch.LogitsCount;
                int count = sequence.AddTo(_batch, capacity, BatchCapacity);
                if (count > 0)
                {
                    shares.Add((sequence, count, row));
                }
            }

            Forward();
            foreach ((Saying sequence, int count, int row) in shares)
            {
                sequence.Deliver(count, _state, row, _candidates);
                sequence.Fault.Should().BeNull();
            }

            foreach ((Saying sequence, _, _) in shares)
            {
                sequence.Commit();
                sequence.Check();
                if (sequence.IsFinished)
                {
                    Drop(sequence);
                }
            }
        }

        // As in a model, each position is computed from what the cache contains at the position before.
        private void Forward()
        {
            int row = 0;
            for (int i = 0; i < _batch.Count; i++)
            {
                (int token, int position, KeyValueCache cache) = _batch.Entries[i];
                uint state = Mix(position == 0 ? 0 : Read(cache, position - 1), token, position);
                Array.Fill(_heads, state);
                for (int layer = 0; layer < s_configuration.LayerCount; layer++)
                {
                    cache.Store(layer, position, _heads, _heads);
                }

                if (row < _batch.LogitsCount && _batch.LogitsTokens.Span[row] == i)
                {
                    _state.Logits[row++][0] = Next(state);
                }
            }
        }

        private void Drop(Saying sequence)
        {
            _said.Add(sequence.Tokens.ToArray());
            sequence.Stop();
            _running.Remove(sequence);
        }

        private static uint Read(KeyValueCache cache, int position)
        {
            ReadOnlySpan<byte> keys = cache.Keys(s_configuration.LayerCount - 1, s_configuration.KeyValueHeadCount - 1, position / Attention.BlockLength);
            (int panel, int row) = Math.DivRem(position % Attention.BlockLength, 16);
            return (uint)BitConverter.ToSingle(keys[((panel * s_configuration.HeadLength * 16 + row) * sizeof(float))..]);
        }
    }

    /// <summary>
    /// A sequence that generates a number of tokens; some of the sequence's guesses are wrong. When the context is full, half of it is dropped.
    /// </summary>
    private sealed class Saying(int[] prompt, int contextLength, int sayCount, int seed, PrefixSharing sharing)
        : Sequence([.. prompt, .. new int[contextLength - prompt.Length]], prompt.Length, sharing: sharing)
    {
        private readonly bool _isShared = sharing.IsShared;
        private readonly Random _random = new(seed);
        private readonly List<int> _naive = [.. prompt];
        private int _firstWanted = prompt.Length - 1;
        private int _saidCount;

        public override bool IsReady => true;

        public override bool IsDecoding => ComputedCount > _firstWanted;

        public override int ReusableCount => _isShared ? _firstWanted : 0;

        public void Check()
        {
            if (!Tokens.SequenceEqual(_naive.ToArray()))
            {
                Assert.Fail($"It said {string.Join(' ', Tokens.ToArray())}, and would alone have said {string.Join(' ', _naive)}.");
            }
        }

        public override void Fail(Exception exception)
        {
        }

        protected override bool WantsLogits(int position) => position >= _firstWanted;

        protected override void Accept(int position, ReadOnlySpan<float> output, TokenCandidates candidates)
        {
            position.Should().Be(TokenCount - 1);
            Append((int)output[0]);
            _naive.Add(Next(StateOf(_naive.ToArray())));
            IsFinished = ++_saidCount == sayCount;
        }

        protected override int Draft(Span<int> draft)
        {
            int count = _random.Next(draft.Length + 1);
            int[] tokens = [.. Tokens];
            for (int i = 0; i < count; i++)
            {
                int right = Next(StateOf(tokens));
                draft[i] = _random.Next(4) == 0 ? _random.Next(VocabularySize) : right;
                tokens = [.. tokens, draft[i]];
            }

            return count;
        }

        protected override void AfterCommit()
        {
            if (TokenCount == contextLength && !IsFinished)
            {
                int kept = Math.Min(3, contextLength / 2), forgotten = (contextLength - kept) / 2;
                _naive.RemoveRange(kept, forgotten);
                _firstWanted = contextLength - forgotten - 1;
                Forget(kept, forgotten);
            }
        }
    }
}
