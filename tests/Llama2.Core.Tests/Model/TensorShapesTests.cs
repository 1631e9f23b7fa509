using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public sealed class TensorShapesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. new TinyLlama().TensorNames];

    public static TheoryData<string> Matrices => [.. new TinyLlama().TensorNames.Where(name => !name.Contains("norm", StringComparison.Ordinal))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Require_DimensionsOfOneBehindTheShape_AreAllowed(string name)
    {
        TinyLlama.Tensor tensor = new TinyLlama()[name];
        Require(new TinyLlama().WithTensor(name, tensor.Type, [.. tensor.Dimensions, 1], tensor.Data));
    }

    // The tensor has the right total number of rows, but three dimensions.
    [Theory]
    [MemberData(nameof(Matrices))]
    public void Require_RowsInTwoDimensions_AreRefusedByTheirShape(string name)
    {
        TinyLlama.Tensor tensor = new TinyLlama()[name];
        ulong columns = tensor.Dimensions[0], rows = tensor.Dimensions[1];
        var model = new TinyLlama().WithTensor(name, tensor.Type, [columns, rows / 2, 2], tensor.Data);

        FluentActions.Invoking(() => Require(model)).Should().Throw<ModelFormatException>().WithMessage($"*the shape of '{name}' is {columns} × {rows / 2} × 2;*{columns} × {rows}*");
        FluentActions.Invoking(() => Inspect(model)).Should().Throw<ModelFormatException>().WithMessage($"*the shape of '{name}'*");
    }

    [Theory]
    [InlineData("blk.0.attn_q.bias", "has no such tensor")]
    [InlineData("blk.2.attn_q.weight", "has no such tensor")]
    [InlineData("blk.0.attn_rot_embd", "one rotary frequency for each pair")]
    [InlineData("rope_freqs.weight", "according to the configuration it must be 8 × 1")]
    public void Require_LongRowThatIsNotUsed_IsRefused(string name, string limit) =>
        FluentActions.Invoking(() => Require(new TinyLlama().WithTensor(name, GgmlType.F32, [(1 << 20) + 1]))).Should().Throw<ModelFormatException>().WithMessage($"*'{name}'*{limit}*");

    [Fact]
    public void Require_UnknownTypeOfATensorThatIsNotUsed_IsAllowed() =>
        Require(new TinyLlama().WithTensor("blk.0.attn_rot_embd", GgmlType.I8, [8]));

    // Shapes that contradict the configuration. In earlier versions each of them led to an exception of a wrong type, or to an output file that does not load.
    [Theory]
    [InlineData("llama.embedding_length", 160u, "token_embd.weight")]
    [InlineData("llama.attention.head_count_kv", 4u, "blk.0.attn_k.weight")]
    [InlineData("llama.feed_forward_length", 95u, "blk.0.ffn_gate.weight")]
    [InlineData("llama.block_count", 1u, "blk.1.attn_norm.weight")]
    [InlineData("llama.block_count", 3u, "blk.2.attn_norm.weight")]
    public void Write_ModelThatContradictsItsConfiguration_IsRefusedBeforeAnythingIsWritten(string key, uint value, string name)
    {
        string source = Write(new TinyLlama().With(key, value).With("llama.attention.head_count", 4u));
        string adapter = WriteAdapter();
        RefusesToWrite(name, target => ModelConverter.Convert(source, target + ".gguf"));
        RefusesToWrite(name, target => ModelConverter.Convert(source, target));
        RefusesToWrite(name, target => ModelQuantizer.Quantize(source, target, ModelQuantization.Q8_0, new ModelQuantizerOptions { AllowRequantize = true }));
        RefusesToWrite(name, target => AdapterMerger.Merge(source, [(adapter, 1)], target));
        FluentActions.Invoking(() => LlamaModel.Load(source)).Should().Throw<ModelFormatException>();
    }

    [Theory]
    [InlineData("attn_q.weight", new ulong[] { 64, 63 })]
    [InlineData("attn_k.weight", new ulong[] { 64, 31 })]
    [InlineData("ffn_down.weight", new ulong[] { 97, 64 })]
    [InlineData("attn_norm.weight", new ulong[] { 63 })]
    public void Write_OddRows_AreRefusedBeforeAnythingIsWritten(string suffix, ulong[] dimensions)
    {
        string name = "blk.0." + suffix, source = Write(new TinyLlama().WithTensor(name, GgmlType.F32, dimensions)), adapter = WriteAdapter();
        foreach (ModelQuantization? quantization in new ModelQuantization?[] { null, ModelQuantization.Q4_K_M, ModelQuantization.F32, ModelQuantization.IQ4_NL })
            RefusesToWrite(name, target => AdapterMerger.Merge(source, [(adapter, 1)], target, new AdapterMergeOptions { Quantization = quantization, AllowRequantize = true }));
        RefusesToWrite(name, target => ModelQuantizer.Quantize(source, target, ModelQuantization.Q4_0, new ModelQuantizerOptions { AllowRequantize = true }));
        RefusesToWrite(name, target => ModelConverter.Convert(source, target));
        RefusesToWrite(name, target => ModelConverter.Convert(source, target + ".gguf", new ModelConversionOptions { Quantization = ModelQuantization.F32 }));
    }

    // Widths that are not multiples of the block length 32 or 256: every mix falls back to F16, and the written file loads. Q2_K_S would need an
    // importance matrix.
    [Fact]
    public void Quantize_RowsThatNoBlockDivides_GivesAModelThatLoads()
    {
        string source = _folder.File("odd.gguf");
        RandomModel.Write(source, new ModelShape(EmbeddingLength: 20, LayerCount: 2, HeadCount: 2, KeyValueHeadCount: 1, FeedForwardLength: 36, ContextLength: 64), ModelQuantization.F32);
        foreach (ModelQuantization quantization in Enum.GetValues<ModelQuantization>().Except([ModelQuantization.Q2_K_S]))
        {
            string target = _folder.File($"{quantization}.gguf");
            ModelQuantizer.Quantize(source, target, quantization);
            LlamaModel.Load(target, new LlamaModelOptions { ThreadCount = 1 }).Dispose();
        }
    }

    private void RefusesToWrite(string name, Action<string> write)
    {
        string target = _folder.File("target");
        FluentActions.Invoking(() => write(target)).Should().Throw<ModelFormatException>().WithMessage($"*'{name}'*");
        Directory.GetFileSystemEntries(_folder.Path).Should().OnlyContain(path => !Path.GetFileName(path).StartsWith("target", StringComparison.Ordinal));
    }

    private static void Require(TinyLlama model)
    {
        using GgufFile file = model.Open();
        new TensorShapes(ConfigurationReader.Read(file)).Require(file);
    }

    private void Inspect(TinyLlama model) => ModelFileInformation.Read(Write(model));

    private string Write(TinyLlama model)
    {
        string path = _folder.File("model.gguf");
        File.WriteAllBytes(path, model.Build());
        return path;
    }

    private string WriteAdapter()
    {
        using GgufFile file = new TinyLlama().Open();
        return new Adapters.RandomAdapter(file, ["blk.0.attn_q.weight"], 2, 1).Write(_folder);
    }
}
