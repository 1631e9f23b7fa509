using Llama2.Kernels;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Model;

/// <summary>
/// The forward pass of Llama (Touvron et al. 2023, arXiv 2302.13971 and 2307.09288). Every batch is computed in the same way; decoding is a batch
/// with one token of each sequence.
/// </summary>
internal sealed class LlamaTransformer(ModelConfiguration configuration, LlamaWeights weights, Attention attention, WorkerPool pool) : IForwardPass
{
    private readonly RotaryEmbedding _rotary = new(new RopeFrequencies(
        configuration.HeadLength, configuration.RopeTheta, configuration.RopeScaling, configuration.ContextLength, weights.RopeFrequencyFactors));

    /// <inheritdoc/>
    public bool Forward(Batch batch, InferenceState state, Func<bool> isCancelled)
    {
        int count = batch.Count;
        batch.FindRuns(Math.Max(1, Attention.MaxRowCount / GroupSize));
        state.AttentionPlan.Plan(batch, configuration.KeyValueHeadCount, GroupSize);
        state.SelectAdapters(batch);
        pool.Run(new Embed(this, batch, state), count);
        for (int index = 0; index < weights.Layers.Count; index++)
        {
            if (isCancelled())
            {
                return false;
            }

            LlamaLayer layer = weights.Layers[index];
            Normalize(batch, state.Residual, layer.AttentionNorm, state.Normalized);
            MatrixProduct.Run(pool, state.Normalized, count, new(layer.Query, state.Query), new(layer.Key, state.Key), new(layer.Value, state.Value), state.AdaptedTokens);
            pool.Run(new RotateAndStore(this, batch, state, index), count);
            pool.Run(new Attend(this, batch, state, index), state.AttentionPlan.UnitCount);
            MatrixProduct.Run(pool, state.Attended, count, new(layer.AttentionOutput, state.Residual, Accumulate: true), adapted: state.AdaptedTokens);
            Normalize(batch, state.Residual, layer.FeedForwardNorm, state.Normalized);
            MatrixProduct.Run(pool, state.Normalized, count, new(layer.Gate, state.Gate), new(layer.Up, state.Up), adapted: state.AdaptedTokens);
            pool.Run(new Activate(state), count);
            MatrixProduct.Run(pool, state.Gate, count, new(layer.Down, state.Residual, Accumulate: true), adapted: state.AdaptedTokens);
        }

        if (batch.HiddenStateCount > 0)
        {
            NormalizeOutput(batch, state.Residual, batch.HiddenStateTokens, state.HiddenStates);
        }

        if (batch.LogitsCount > 0)
        {
            NormalizeOutput(batch, state.Residual, batch.LogitsTokens, state.Selected);
            MatrixProduct.Run(pool, state.Selected, batch.LogitsCount, new(weights.Output, state.Logits), adapted: state.AdaptedLogits);
        }

        return true;
    }

    private void Normalize(Batch batch, Activations input, float[] weight, Activations output)
        => pool.Run(new NormalizeAll(batch, input, weight, configuration.RmsNormEpsilon, output), batch.Count);

    private void NormalizeOutput(Batch batch, Activations input, ReadOnlyMemory<int> tokens, Activations output)
        => pool.Run(new NormalizeSelected(batch, input, tokens, weights.OutputNorm, configuration.RmsNormEpsilon, output), tokens.Length);

    // Converts token ids to rows of the residual stream, and positions to rotations.
    private readonly record struct Embed(LlamaTransformer Transformer, Batch Batch, InferenceState State) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Batch.Entry entry = Batch.Entries[token];
                Transformer.TokenEmbedding.Read(entry.Token, State.Residual[token]);
                entry.Cache.Adapters.AddEmbedding(entry.Token, State.Residual[token]);
                Transformer._rotary.Prepare(entry.Position, State.Rotations[token]);
            }
        }
    }

    private readonly record struct NormalizeAll(Batch Batch, Activations Input, float[] Weight, float Epsilon, Activations Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                RmsNorm.Apply(Input[token], Batch.Entries[token].Cache.Adapters.Norm(Weight), Epsilon, Output[token]);
            }
        }
    }

    private readonly record struct RotateAndStore(LlamaTransformer Transformer, Batch Batch, InferenceState State, int Layer) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Transformer._rotary.Rotate(State.Query[token], State.Rotations[token]);
                Transformer._rotary.Rotate(State.Key[token], State.Rotations[token]);
                Batch.Entry entry = Batch.Entries[token];
                entry.Cache.Store(Layer, entry.Position, State.Key[token], State.Value[token]);
            }
        }
    }

    // An item is a run of tokens with one key and value head, and all query heads that share that head. Items of the same run follow each other, one
    // for each key and value head. The threads divide the units of the attention plan.
    private readonly record struct Attend(LlamaTransformer Transformer, Batch Batch, InferenceState State, int Layer) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            AttentionPlan plan = State.AttentionPlan;
            int endItem = plan.FirstItemFrom(end);
            for (int item = plan.FirstItemFrom(start); item < endItem; item++)
            {
                // Attention computes at most MaxRowCount rows at once. If a key and value head is shared by more query heads, these are processed in parts.
                for (int first = 0; first < Transformer.GroupSize; first += Attention.MaxRowCount)
                {
                    int queryCount = Math.Min(Transformer.GroupSize - first, Attention.MaxRowCount);
                    AttendRows(plan[item], first, queryCount, plan[Math.Min(item + 1, endItem - 1)], State.AttentionScratch[worker]);
                }
            }
        }

        // During the last block, the first block of the next item is prefetched, because short sequences have only one or two blocks.
        private void AttendRows((int Run, int Head) item, int firstQuery, int queryCount, (int Run, int Head) nextItem, AttentionScratch scratch)
        {
            Attention attention = Transformer.Attention;
            Range run = Batch.RunAt(item.Run);
            ReadOnlySpan<Batch.Entry> entries = Batch.Entries[run];
            int length = attention.HeadLength, rowCount = entries.Length * queryCount, column = (item.Head * Transformer.GroupSize + firstQuery) * length;
            Span<int> lastPositions = stackalloc int[rowCount];
            attention.Begin(rowCount, scratch);
            for (int row = 0; row < rowCount; row++)
            {
                (int token, int query) = Math.DivRem(row, queryCount);
                lastPositions[row] = entries[token].Position;
                attention.SetQuery(row, State.Query[run.Start.Value + token].Slice(column + query * length, length), scratch);
            }

            KeyValueCache cache = entries[0].Cache, nextCache = Batch.Entries[Batch.RunAt(nextItem.Run)][0].Cache;
            int lastBlock = entries[^1].Position / Attention.BlockLength;
            for (int block = 0; block <= lastBlock; block++)
            {
                (KeyValueCache from, int head, int next) = block < lastBlock ? (cache, item.Head, block + 1) : (nextCache, nextItem.Head, 0);
                attention.AddBlock(
                    cache.Keys(Layer, item.Head, block), cache.Values(Layer, item.Head, block), from.Keys(Layer, head, next), from.Values(Layer, head, next),
                    block * Attention.BlockLength, lastPositions, scratch);
            }

            for (int row = 0; row < rowCount; row++)
            {
                (int token, int query) = Math.DivRem(row, queryCount);
                attention.Finish(row, State.Attended[run.Start.Value + token].Slice(column + query * length, length), scratch);
            }
        }
    }

    private readonly record struct Activate(InferenceState State) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                SwiGlu.Apply(State.Gate[token], State.Up[token], State.Gate[token]);
            }
        }
    }

    private readonly record struct NormalizeSelected(
        Batch Batch, Activations Input, ReadOnlyMemory<int> Tokens, float[] Weight, float Epsilon, Activations Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            ReadOnlySpan<int> tokens = Tokens.Span;
            for (int row = start; row < end; row++)
            {
                RmsNorm.Apply(Input[tokens[row]], Batch.Entries[tokens[row]].Cache.Adapters.Norm(Weight), Epsilon, Output[row]);
            }
        }
    }

    private EmbeddingTable TokenEmbedding => weights.TokenEmbedding;

    private Attention Attention => attention;

    // The number of query heads that share a key and value head.
    private int GroupSize => configuration.HeadCount / configuration.KeyValueHeadCount;
}
