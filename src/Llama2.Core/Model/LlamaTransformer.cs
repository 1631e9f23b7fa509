using Llama2.Kernels;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Model;

/// <summary>
/// The forward pass of Llama (Touvron et al. 2023, arXiv 2302.13971 and 2307.09288). Any batch is the general case: decoding is a batch of
/// one token a sequence. One pass at a time with one state.
/// </summary>
internal sealed class LlamaTransformer(ModelConfiguration configuration, LlamaWeights weights, WorkerPool pool)
{
    private readonly RotaryEmbedding _rotary = new(configuration.HeadLength, configuration.RopeTheta, configuration.RopeScalingFactor);

    /// <summary>Computes the batch: extends the caches by its tokens and writes the wanted rows of <see cref="InferenceState.Logits"/>.</summary>
    /// <param name="batch">1 … <see cref="InferenceState.TokenCapacity"/> tokens.</param>
    /// <param name="state">Scratch memory, and the logits.</param>
    /// <param name="isCancelled">Asked before each layer; true ends the pass.</param>
    /// <returns>False if the pass was ended early; the batch's positions must then be computed again.</returns>
    public bool Forward(Batch batch, InferenceState state, Func<bool> isCancelled)
    {
        int count = batch.Count;
        pool.Run(new Embed(this, batch, state), count);
        for (int index = 0; index < weights.Layers.Count; index++)
        {
            if (isCancelled())
            {
                return false;
            }

            LlamaLayer layer = weights.Layers[index];
            Normalize(state.Residual, layer.AttentionNorm, state.Normalized, count);
            MatrixProduct.Run(pool, state.Normalized, count, new(layer.Query, state.Query), new(layer.Key, state.Key), new(layer.Value, state.Value));
            pool.Run(new RotateAndStore(this, batch, state, index), count);
            pool.Run(new Attend(this, batch, state, index), count * configuration.KeyValueHeadCount);
            MatrixProduct.Run(pool, state.Attended, count, new(layer.AttentionOutput, state.Residual, Accumulate: true));
            Normalize(state.Residual, layer.FeedForwardNorm, state.Normalized, count);
            MatrixProduct.Run(pool, state.Normalized, count, new(layer.Gate, state.Gate), new MatrixProduct(layer.Up, state.Up));
            pool.Run(new Activate(state), count);
            MatrixProduct.Run(pool, state.Gate, count, new(layer.Down, state.Residual, Accumulate: true));
        }

        if (batch.LogitsCount > 0)
        {
            pool.Run(new NormalizeSelected(batch, state, weights.OutputNorm, configuration.RmsNormEpsilon), batch.LogitsCount);
            MatrixProduct.Run(pool, state.Selected, batch.LogitsCount, new MatrixProduct(weights.Output, state.Logits));
        }

        return true;
    }

    private void Normalize(Activations input, float[] weight, Activations output, int tokenCount)
        => pool.Run(new NormalizeAll(input, weight, configuration.RmsNormEpsilon, output), tokenCount);

    // Token ids become rows of the residual stream; positions become rotations.
    private readonly record struct Embed(LlamaTransformer Transformer, Batch Batch, InferenceState State) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Transformer.TokenEmbedding.Read(Batch.Entries[token].Token, State.Residual[token]);
                Transformer._rotary.Prepare(Batch.Entries[token].Position, State.Rotations[token]);
            }
        }
    }

    private readonly record struct NormalizeAll(Activations Input, float[] Weight, float Epsilon, Activations Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                RmsNorm.Apply(Input[token], Weight, Epsilon, Output[token]);
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

    // An item is one token and one key and value head, with all query heads that share it.
    private readonly record struct Attend(LlamaTransformer Transformer, Batch Batch, InferenceState State, int Layer) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int headCount = Transformer.Configuration.KeyValueHeadCount, headLength = Transformer.Configuration.HeadLength;
            int groupLength = Transformer.Configuration.HeadCount / headCount * headLength;
            for (int item = start; item < end; item++)
            {
                (int token, int head) = Math.DivRem(item, headCount);
                Batch.Entry entry = Batch.Entries[token];
                int positionCount = entry.Position + 1;
                Attention.Attend(
                    State.Query[token].Slice(head * groupLength, groupLength),
                    entry.Cache.Keys(Layer, head, positionCount),
                    entry.Cache.Values(Layer, head, positionCount),
                    headLength,
                    State.Scores[worker].Slice(0, checked(groupLength / headLength * positionCount)),
                    State.Attended[token].Slice(head * groupLength, groupLength));
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

    private readonly record struct NormalizeSelected(Batch Batch, InferenceState State, float[] Weight, float Epsilon) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int row = start; row < end; row++)
            {
                RmsNorm.Apply(State.Residual[Batch.LogitsTokens[row]], Weight, Epsilon, State.Selected[row]);
            }
        }
    }

    private ModelConfiguration Configuration => configuration;

    private EmbeddingTable TokenEmbedding => weights.TokenEmbedding;
}
