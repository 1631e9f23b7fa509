using System.Buffers.Binary;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Tests.Model;

public sealed class WeightLoaderTests : IDisposable
{
    private readonly LlamaRuntime _runtime = new(new LlamaRuntimeOptions { ThreadCount = 2 });

    public static TheoryData<string> TensorNames => [.. new TinyLlama().TensorNames];

    // Two tensors are left out: the configuration already requires the embeddings, and the output matrix may share their weights.
    public static TheoryData<string> NamesOfNeededTensors => [.. new TinyLlama().TensorNames.Except(["token_embd.weight", "output.weight"])];

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public void Load_WellFormedFile_GivesEveryTensorItsPlace()
    {
        using LlamaWeights weights = Load(new TinyLlama());
        weights.Layers.Should().HaveCount(2);
        foreach (LlamaLayer layer in weights.Layers)
        {
            Shape(layer.Query).Should().Be((GgmlType.Q4_0, 64, 64));
            Shape(layer.Key).Should().Be((GgmlType.Q8_0, 32, 64));
            Shape(layer.Value).Should().Be((GgmlType.F16, 32, 64));
            Shape(layer.AttentionOutput).Should().Be((GgmlType.Q4_0, 64, 64));
            Shape(layer.Gate).Should().Be((GgmlType.Q4_0, 96, 64));
            Shape(layer.Up).Should().Be((GgmlType.F16, 96, 64));
            Shape(layer.Down).Should().Be((GgmlType.Q8_0, 64, 96));
            (layer.AttentionNorm.Length, layer.FeedForwardNorm.Length).Should().Be((64, 64));
        }

        weights.OutputNorm.Should().HaveCount(64);
        Shape(weights.Output).Should().Be((GgmlType.F16, 50, 64));
        weights.TokenEmbedding.ByteSize.Should().Be(50 * 2 * 34);

        static (GgmlType, int, int) Shape(WeightMatrix matrix) => (matrix.Type, matrix.RowCount, matrix.ColumnCount);
    }

    [Fact]
    public void Load_Norms_AreTheFilesNumbers()
    {
        var model = new TinyLlama();
        using LlamaWeights weights = Load(model);
        for (int layer = 0; layer < 2; layer++)
        {
            weights.Layers[layer].AttentionNorm.Should().Equal(Singles($"blk.{layer}.attn_norm.weight"));
            weights.Layers[layer].FeedForwardNorm.Should().Equal(Singles($"blk.{layer}.ffn_norm.weight"));
        }

        weights.OutputNorm.Should().Equal(Singles("output_norm.weight"));

        float[] Singles(string name) => [.. model[name].Data.Chunk(4).Select(bytes => BitConverter.ToSingle(bytes))];
    }

    [Fact]
    public void Load_NoOutputTensor_SharesTheEmbedding()
    {
        using LlamaWeights weights = Load(new TinyLlama().WithoutTensor("output.weight"));
        (weights.Output.Type, weights.Output.RowCount, weights.Output.ColumnCount).Should().Be((GgmlType.Q8_0, 50, 64));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_Progress_RisesToTheTotal(bool isTied)
    {
        var model = new TinyLlama().WithTensor("blk.0.attn_rot_embd", GgmlType.F32, [8]);
        if (isTied)
        {
            model.WithoutTensor("output.weight");
        }

        var progress = new Progress();
        Load(model, progress).Dispose();

        progress.Reports.Should().OnlyContain(report => report.TotalBytes == progress.Reports[0].TotalBytes);
        progress.Reports.Select(report => report.CompletedBytes).Should().BeInAscendingOrder();
        progress.Reports[^1].CompletedBytes.Should().Be(progress.Reports[^1].TotalBytes);
        progress.Reports[^1].Fraction.Should().Be(1);
        progress.Reports[^1].TotalBytes.Should().BeInRange(model.WeightsByteSize - 32, model.WeightsByteSize);
    }

    [Theory]
    [MemberData(nameof(NamesOfNeededTensors))]
    public void Load_TensorMissing_NamesIt(string name)
    {
        Check(new TinyLlama().WithoutTensor(name), $"tensor '{name}'", "absent", "*incomplete*");
    }

    [Theory]
    [MemberData(nameof(TensorNames))]
    public void Load_WrongShape_NamesBoth(string name)
    {
        TinyLlama.Tensor tensor = new TinyLlama()[name];
        ulong columns = tensor.Dimensions[0], rows = tensor.Dimensions.Length > 1 ? tensor.Dimensions[1] : 1;
        string shape = $"the shape of '{name}'", expected = $"*{columns} × {rows}*two models*";
        Check(new TinyLlama().WithTensor(name, tensor.Type, [columns + 32, rows]), shape, $"{columns + 32} × {rows}", expected);
        if (name != "token_embd.weight")
        {
            // The embeddings are left out, because their number of rows defines the size of the vocabulary.
            Check(new TinyLlama().WithTensor(name, tensor.Type, [columns, rows + 1]), shape, $"{columns} × {rows + 1}", expected);
            Check(new TinyLlama().WithTensor(name, tensor.Type, [columns, rows, 2]), shape, $"{columns} × {rows} × 2", expected);
        }
    }

    [Theory]
    [MemberData(nameof(TensorNames))]
    public void Load_UnsupportedType_NamesItAndThoseSupported(string name)
    {
        ulong[] dimensions = new TinyLlama()[name].Dimensions;
        Check(new TinyLlama().WithTensor(name, GgmlType.I8, dimensions), $"the type of '{name}'", "I8", "*Q4_0*IQ4_XS*");
    }

    [Theory]
    [InlineData("blk.0.attn_q.bias")]
    [InlineData("blk.2.attn_q.weight")]
    [InlineData("blk.0.ffn_gate_inp.weight")]
    [InlineData("blk.0.rope_freqs.weight")]
    [InlineData("Output.weight")]
    public void Load_UnknownTensor_IsRefused(string name) =>
        Check(new TinyLlama().WithTensor(name, GgmlType.F32, [64]), "a tensor named", $"'{name}'", "*no such tensor*");

    [Theory]
    [MemberData(nameof(TensorNames))]
    public void Load_WeightThatIsNotFinite_NamesItsTensor(string name)
    {
        // In the first and the last block, replaces the scale, or the weight itself in formats without scales.
        TinyLlama.Tensor tensor = new TinyLlama()[name];
        int size = GgmlTypes.BlockByteSize(tensor.Type);
        foreach (int start in (int[])[0, tensor.Data.Length - size])
        {
            foreach (ushort bits in (ushort[])[0x7C00, 0xFE00])
            {
                byte[] data = [.. tensor.Data];
                int offset = tensor.Type == GgmlType.F32 ? start + 2 : start;
                BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(offset), tensor.Type == GgmlType.F32 ? (ushort)(bits | 0x7F80) : bits);
                ModelFormatException fault = Check(new TinyLlama().WithTensor(name, tensor.Type, tensor.Dimensions, data), $"*'{name}'*", "*", "*finite*damaged*");
                fault.Offset.Should().BePositive();
            }
        }
    }

    [Fact]
    public void Load_RopeFrequencyFactors_AreTheFilesNumbersOrNull()
    {
        using LlamaWeights without = Load(new TinyLlama()), with = Load(WithFactors(1, 1, 1.5f, 2, 4, 8, 8, 8));
        without.RopeFrequencyFactors.Should().BeNull();
        with.RopeFrequencyFactors.Should().Equal(1, 1, 1.5f, 2, 4, 8, 8, 8);
    }

    [Theory]
    [InlineData(0f, "factor 5 of 'rope_freqs.weight'", "0", "*above 0*")]
    [InlineData(-1f, "factor 5 of 'rope_freqs.weight'", "-1", "*above 0*")]
    [InlineData(float.NaN, "weight 5 of 'rope_freqs.weight'", "NaN", "*finite*")]
    [InlineData(float.PositiveInfinity, "weight 5 of 'rope_freqs.weight'", "*", "*finite*")]
    public void Load_RopeFrequencyFactorThatCannotDivide_IsRefused(float factor, string field, string value, string limit)
        => Check(WithFactors(1, 1, 1, 1, 1, factor, 1, 1), field, value, limit).Offset.Should().BePositive();

    [Fact]
    public void Load_RopeFrequencyFactorsOfAnotherHeadLength_NamesBoth()
    {
        Check(WithFactors(1, 1, 1, 1), "the shape of 'rope_freqs.weight'", "4 × 1", "*8 × 1*");
        Check(new TinyLlama().WithTensor("rope_freqs.weight", GgmlType.F32, [8, 2]), "the shape of 'rope_freqs.weight'", "8 × 2", "*8 × 1*");
        Check(new TinyLlama().WithTensor("rope_freqs.weight", GgmlType.I32, [8]), "the type of 'rope_freqs.weight'", "I32", "*F32*");
    }

    private static TinyLlama WithFactors(params float[] factors)
        => new TinyLlama().WithTensor("rope_freqs.weight", GgmlType.F32, [(ulong)factors.Length], [.. factors.SelectMany(BitConverter.GetBytes)]);

    [Fact]
    public void Load_CancelledBefore_Throws()
    {
        FluentActions.Invoking(() => Load(new TinyLlama(), null, new CancellationToken(canceled: true))).Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Load_CancelledAfterAnyTensor_Throws()
    {
        int tensorCount = new TinyLlama().TensorNames.Count();
        for (int reports = 1; reports < tensorCount; reports++)
        {
            using var source = new CancellationTokenSource();
            var progress = new Progress(() => source.Cancel(), reports);
            FluentActions.Invoking(() => Load(new TinyLlama(), progress, source.Token)).Should().Throw<OperationCanceledException>();
            progress.Reports.Count.Should().BeInRange(reports, reports + 1);
        }
    }

    private LlamaWeights Load(TinyLlama model, Progress? progress = null, CancellationToken cancellationToken = default)
    {
        using GgufFile file = model.Open();
        return new WeightLoader(file, ConfigurationReader.Read(file), _runtime, WeightMatrixFactory.BestTier, progress, cancellationToken).Load();
    }

    private ModelFormatException Check(TinyLlama model, string field, string value, string limit)
    {
        ModelFormatException fault = FluentActions.Invoking(() => Load(model).Dispose()).Should().Throw<ModelFormatException>().Which;
        fault.FilePath.Should().Be("memory.gguf");
        fault.Field.Should().Match(field);
        fault.Value.Should().Match(value);
        fault.Limit.Should().Match(limit);
        fault.Message.Should().ContainAll(fault.FilePath, fault.Field, fault.Value, fault.Limit);
        return fault;
    }

    private sealed class Progress(Action? action = null, int after = 0) : IProgress<ByteProgress>
    {
        public List<ByteProgress> Reports { get; } = [];

        public void Report(ByteProgress value)
        {
            Reports.Add(value);
            if (Reports.Count == after)
            {
                action!();
            }
        }
    }
}
