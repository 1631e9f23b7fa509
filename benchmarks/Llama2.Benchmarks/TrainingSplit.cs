using System.Globalization;
using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Training;
using Llama2.Training.Model;
using Llama2.Training.Operations;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures a LoRA step's time by operation: rank 16 on all seven matrices of each layer, one sample of 512 tokens, activations kept. The step
/// repeats the trainer's operations in the order of <see cref="TransformerBlock"/>, so the library itself needs no clocks.
/// </summary>
internal sealed class TrainingSplit : IDisposable
{
    private const int TokenCount = 512, StepCount = 10;
    private readonly OperationTimes _times = new();
    private readonly LlamaRuntime _runtime = new(new LlamaRuntimeOptions { ThreadCount = LlamaHardware.PhysicalCoreCount });
    private readonly MatrixMultiplier _multiplier;
    private readonly LoraOptions _lora = new() { Rank = 16 };
    private readonly LoraWorkspace _workspace;
    private readonly ModelLayers _layers;
    private readonly TransformerBlock[] _blocks;
    private readonly BlockOperations _shared;
    private readonly BlockActivations[] _activations;
    private readonly Matrix[] _residuals;
    private readonly Matrix _residualGradient;
    private readonly Parameter[] _parameters;
    private readonly AdamW _optimizer;
    private readonly TrainingPass _pass;
    private readonly TokenBatch _batch = new(TokenCount);

    private TrainingSplit(string path)
    {
        using IModelFile file = ModelFiles.Open(path);
        ModelConfiguration shape = ConfigurationReader.Read(file);
        LlamaWeights weights = new WeightLoader(file, shape, _runtime, LlamaHardware.ChooseTier(), null, CancellationToken.None).Load();
        _multiplier = new(_runtime.Workers, LlamaHardware.ChooseTier());
        _pass = new(_multiplier);
        _workspace = new(TokenCount);
        using AdapterInputs adapters = AdapterInputs.Open(_lora, shape);
        _layers = LayerFactory.CreateAdapted(shape, weights, _lora, adapters, seed: 1, TokenCount, quantizesActivations: false, hasCheckpoints: false, _multiplier);
        _blocks = [.. weights.Layers.Select((layer, index) => Timed(layer, _layers.Blocks[index]))];
        _shared = new(
            new RotaryOperation(_layers.Rotary, TokenCount),
            new CausalAttention(_multiplier, shape.HeadCount, shape.KeyValueHeadCount, shape.HeadLength, TokenCount), new BlockGradients(shape, TokenCount));
        _activations = [.. _blocks.Select(_ => new BlockActivations(shape, TokenCount))];
        _residuals = [.. Enumerable.Range(0, _blocks.Length + 1).Select(_ => new Matrix(TokenCount, shape.EmbeddingLength))];
        _residualGradient = new(TokenCount, shape.EmbeddingLength);
        _parameters = [.. _blocks.SelectMany(block => block.Parameters)];
        _optimizer = new AdamW(_parameters, new AdamWSettings(0.9f, 0.999f, 1e-8f, 0), quantizesMoments: false, _runtime.Workers);
        int[] tokens = [.. Enumerable.Range(0, TokenCount + 1).Select(i => (i * 7919 + 13) % shape.VocabularySize)];
        _batch.TryAdd(tokens, [.. Enumerable.Repeat(1f / TokenCount, tokens.Length)]);
    }

    /// <summary>Prints a table of the fastest step.</summary>
    /// <param name="path">The model.</param>
    public static void Run(string path)
    {
        using var split = new TrainingSplit(path);
        (double best, string report) = (double.MaxValue, "");
        for (int step = 0; step < StepCount; step++)
        {
            split._times.Restart();
            split.Step();
            if (split._times.Total < best)
            {
                (best, report) = (split._times.Total, split._times.Report());
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}: a step of {TokenCount} tokens takes {1e3 * best:F0} ms\n{report}"));
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Array.ForEach(_parameters, parameter => parameter.Dispose());
        Array.ForEach(_blocks, block => Array.ForEach((Projection[])[block.Query, block.Key, block.Value, block.AttentionOutput, block.Gate, block.Up, block.Down], p => p.Dispose()));
        Array.ForEach(_activations, activations => activations.Dispose());
        Array.ForEach(_residuals, residual => residual.Dispose());
        _residualGradient.Dispose();
        _shared.Dispose();
        _layers.Dispose();
        _workspace.Dispose();
        _multiplier.Dispose();
        _runtime.Dispose();
    }

    private TransformerBlock Timed(LlamaLayer layer, TransformerBlock block)
        => new(_layers.Shape.Family.Tensors, role => role == LlamaTensors.AttentionNorm ? block.AttentionNorm : block.FeedForwardNorm, role => Timed(layer.Matrices[role]));

    private TimedProjection Timed(WeightMatrix weights) => new(weights, _lora, _workspace, _times);

    private void Step()
    {
        _shared.Rotary.Prepare(_runtime.Workers, _batch.Positions, _batch.Count);
        _layers.Embedding.Forward(_pass, _batch, _residuals[0]);
        _times.Add("embeddings, copies of the residual stream");
        for (int block = 0; block < _blocks.Length; block++)
        {
            Forward(_blocks[block], _residuals[block], _activations[block], _residuals[block + 1]);
        }

        _layers.Head.ForwardBackward(_pass, _batch, _residuals[^1], _residualGradient);
        _times.Add("output matrix and loss, forward and backward");
        for (int block = _blocks.Length - 1; block >= 0; block--)
        {
            Backward(_blocks[block], _residuals[block], _activations[block], isInputTrained: block > 0);
        }

        double norm = _optimizer.ComputeGradientNorm();
        _optimizer.Step(2e-4, Math.Min(1, 1 / (norm + 1e-6)));
        _times.Add("norm of the gradient, AdamW");
    }

    private void Forward(TransformerBlock block, Matrix input, BlockActivations activations, Matrix output)
    {
        int count = _batch.Count;
        block.AttentionNorm.Forward(_pass, input, activations.AttentionInput, count);
        _times.Add("norms, forward and backward");
        block.Query.Forward(_pass, activations.AttentionInput, activations.Query, count);
        block.Key.Forward(_pass, activations.AttentionInput, activations.Key, count);
        block.Value.Forward(_pass, activations.AttentionInput, activations.Value, count);
        _shared.Rotary.Forward(_runtime.Workers, activations.Query, activations.Key, count);
        _times.Add("rotary embedding, forward and backward");
        _shared.Attention.Forward(
            activations.Query, activations.Key, activations.Value, _batch.Segments, _batch.SegmentCount, activations.Attended, activations.LogSums);
        _times.Add("attention, forward");
        CopyOperation.Run(_runtime.Workers, input, activations.Residual, count);
        _times.Add("embeddings, copies of the residual stream");
        block.AttentionOutput.Forward(_pass, activations.Attended, activations.Residual, count, accumulate: true);
        block.FeedForwardNorm.Forward(_pass, activations.Residual, activations.FeedForwardInput, count);
        _times.Add("norms, forward and backward");
        block.Gate.Forward(_pass, activations.FeedForwardInput, activations.Gate, count);
        block.Up.Forward(_pass, activations.FeedForwardInput, activations.Up, count);
        SwiGluOperation.Forward(_runtime.Workers, activations.Gate, activations.Up, activations.Hidden, count);
        _times.Add("SwiGLU, forward and backward");
        CopyOperation.Run(_runtime.Workers, activations.Residual, output, count);
        _times.Add("embeddings, copies of the residual stream");
        block.Down.Forward(_pass, activations.Hidden, output, count, accumulate: true);
    }

    private void Backward(TransformerBlock block, Matrix input, BlockActivations activations, bool isInputTrained)
    {
        int count = _batch.Count;
        BlockGradients gradients = _shared.Gradients;
        block.Down.Backward(_pass, activations.Hidden, _residualGradient, gradients.Hidden, count);
        SwiGluOperation.Backward(_runtime.Workers, activations.Gate, activations.Up, gradients.Hidden, gradients.Gate, gradients.Up, count);
        _times.Add("SwiGLU, forward and backward");
        block.Gate.Backward(_pass, activations.FeedForwardInput, gradients.Gate, gradients.Normalized, count);
        block.Up.Backward(_pass, activations.FeedForwardInput, gradients.Up, gradients.Normalized, count, accumulate: true);
        block.FeedForwardNorm.Backward(_pass, activations.Residual, gradients.Normalized, _residualGradient, count);
        _times.Add("norms, forward and backward");
        block.AttentionOutput.Backward(_pass, activations.Attended, _residualGradient, gradients.Attended, count);
        _shared.Attention.Backward(
            activations.Query, activations.Key, activations.Value, _batch.Segments, _batch.SegmentCount, activations.Attended, activations.LogSums,
            gradients.Attended, gradients.Query, gradients.Key, gradients.Value);
        _times.Add("attention, gradients");
        _shared.Rotary.Backward(_runtime.Workers, gradients.Query, gradients.Key, count);
        _times.Add("rotary embedding, forward and backward");
        Matrix? normalized = isInputTrained ? gradients.Normalized : null;
        block.Query.Backward(_pass, activations.AttentionInput, gradients.Query, normalized, count);
        block.Key.Backward(_pass, activations.AttentionInput, gradients.Key, normalized, count, accumulate: true);
        block.Value.Backward(_pass, activations.AttentionInput, gradients.Value, normalized, count, accumulate: true);
        if (isInputTrained)
        {
            block.AttentionNorm.Backward(_pass, input, gradients.Normalized, _residualGradient, count);
            _times.Add("norms, forward and backward");
        }
    }
}
