using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.SafeTensors;
using Llama2.Tests.Formats.PyTorch;

namespace Llama2.Tests.Conversion;

/// <summary>
/// Weights with too many or too few dimensions of length 1: the number of elements is right, but the shape differs from the configuration.
/// </summary>
public sealed class DimensionCountTests : IDisposable
{
    private const string Query = "model.layers.0.self_attn.q_proj.weight", Norm = "model.norm.weight", LayerNorm = "model.layers.0.input_layernorm.weight";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Query, 1, 0, 3)]
    [InlineData(Query, 0, 1, 3)]
    [InlineData(Query, 1, 1, 4)]
    [InlineData("model.layers.1.mlp.down_proj.weight", 1, 0, 3)]
    [InlineData("model.embed_tokens.weight", 1, 0, 3)]
    [InlineData("lm_head.weight", 1, 0, 3)]
    [InlineData("lm_head.weight", 0, 1, 3)]
    [InlineData(Norm, 1, 0, 2)]
    [InlineData(Norm, 0, 1, 2)]
    [InlineData(Norm, 2, 0, 3)]
    [InlineData(LayerNorm, 1, 0, 2)]
    [InlineData("model.layers.1.post_attention_layernorm.weight", 3, 0, 4)]
    public void SafeTensors_MoreDimensionsOfOne_AreRefused(string name, int before, int after, int count)
    {
        Write((entry, shape) => entry == name ? [.. Enumerable.Repeat(1L, before), .. shape, .. Enumerable.Repeat(1L, after)] : shape);

        Open().Should().Throw<ModelFormatException>().WithMessage($"*number of dimensions of '{name}'*{count}, in the shape*this tensor must have {(name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 2)}*");
    }

    [Fact]
    public void SafeTensors_MatrixAsAVector_IsRefused()
    {
        Write((entry, shape) => entry == Query ? [shape[0] * shape[1]] : shape);

        Open().Should().Throw<ModelFormatException>().WithMessage($"*number of dimensions of '{Query}'*this tensor must have 2*");
    }

    [Fact]
    public void SafeTensors_TheRightShapes_AreRead()
    {
        Write((_, shape) => shape);

        Open().Should().NotThrow();
    }

    [Fact]
    public void PyTorch_NormAsAMatrix_IsRefused()
    {
        PublishedForms.Copy("huggingface", _folder);
        var archive = new TorchArchive();
        using (SafeTensorsFile source = SafeTensorsFile.Open(new FileByteSource(PublishedForms.PathOf("huggingface/model.safetensors"))))
        {
            foreach (SafeTensorsEntry entry in source.Entries)
                archive.Add(entry.Name, GgmlType.F32, entry.Name == Norm ? [1, .. entry.Shape] : [.. entry.Shape], Data(source, entry));
        }

        File.Delete(_folder.File("model.safetensors"));
        File.WriteAllBytes(_folder.File("pytorch_model.bin"), archive.Build());

        Open().Should().Throw<ModelFormatException>().WithMessage($"*number of dimensions of '{Norm}'*2, in the shape [1, *this tensor must have 1*");
    }

    private Action Open() => () => ModelFiles.Open(_folder.Path).Dispose();

    private void Write(Func<string, IReadOnlyList<long>, IReadOnlyList<long>> reshape)
    {
        PublishedForms.Copy("huggingface", _folder);
        using SafeTensorsFile source = SafeTensorsFile.Open(new FileByteSource(PublishedForms.PathOf("huggingface/model.safetensors")));
        using FileStream file = File.Create(_folder.File("model.safetensors"));
        SafeTensorsWriter.WriteHeader(file, source.Entries.Select(entry => entry with { Shape = reshape(entry.Name, entry.Shape) }));
        foreach (SafeTensorsEntry entry in source.Entries)
            file.Write(Data(source, entry));
    }

    private static byte[] Data(SafeTensorsFile source, SafeTensorsEntry entry)
    {
        byte[] data = new byte[entry.ByteSize];
        source.Source.Read(entry.Offset, data);
        return data;
    }
}
