using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Tokenization;

namespace Llama2.Tests.Conversion;

public sealed class EnlargedModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelQuantization.F32, 0)]
    [InlineData(ModelQuantization.BF16, 1.0 / 256)]
    [InlineData(ModelQuantization.Q8_0, 1.0 / 127)] // half a step, relative to the largest weight of the block
    public void Read_NewRows_AreTheMeanOfTheModelsRowsInTheirType(ModelQuantization quantization, double tolerance)
    {
        string path = _folder.File("model.gguf");
        ModelQuantizer.Quantize(PublishedForms.PathOf("huggingface"), path, quantization);
        using var model = GgufFile.Open(path);
        using var enlarged = new EnlargedModelFile(model, Vocabulary(model));

        foreach (string name in (string[])["token_embd.weight", "output.weight"])
        {
            model.TryGetTensor(name, out TensorDescription? stored).Should().BeTrue();
            enlarged.TryGetTensor(name, out TensorDescription? tensor).Should().BeTrue();
            (tensor!.RowCount, tensor.RowLength, tensor.Type).Should().Be((292, 32, stored!.Type));
            byte[] own = new byte[stored.ByteSize], all = new byte[tensor.ByteSize];
            model.Read(stored, 0, own);
            enlarged.Read(tensor, 0, all);
            all.AsSpan(0, own.Length).SequenceEqual(own).Should().BeTrue("the model's rows stay as they are");
            float[] weights = new float[292 * 32];
            WeightFormats.Dequantize(tensor.Type, all, weights);
            double[] mean = [.. Enumerable.Range(0, 32).Select(column => Enumerable.Range(0, 290).Average(row => (double)weights[row * 32 + column]))];
            double largest = mean.Max(Math.Abs);
            for (int column = 0; column < 32; column++)
            {
                Math.Abs(weights[290 * 32 + column] - (float)mean[column]).Should().BeLessThanOrEqualTo((float)(tolerance * largest));
                weights[291 * 32 + column].Should().Be(weights[290 * 32 + column]);
            }

            // A part that begins in the model's rows and ends within a new row.
            byte[] part = new byte[tensor.RowByteSize * 2];
            enlarged.Read(tensor, tensor.RowByteSize * 289 + 3, part);
            part.AsSpan().SequenceEqual(all.AsSpan((int)tensor.RowByteSize * 289 + 3, part.Length)).Should().BeTrue();
        }
    }

    [Fact]
    public void Metadata_OfAnEnlargedModel_HasTheNewTokens()
    {
        using IModelFile model = ModelFiles.Open(PublishedForms.PathOf("huggingface"));
        using var enlarged = new EnlargedModelFile(model, Vocabulary(model));

        Vocabulary read = GgufVocabularyReader.Read(enlarged);

        read.Count.Should().Be(292);
        (read.Pieces[290], read.Types[290]).Should().Be(("<|im_end|>", PieceType.Control));
        (read.Pieces[291], read.Types[291]).Should().Be(("a b", PieceType.UserDefined));
        read.EndIds.ToArray().Should().Contain(290, "it has the name of an end token");
        enlarged.Metadata["llama.vocab_size"].Should().BeOfType<uint>().And.Be(292u);
        enlarged.Metadata.Keys.Should().Equal(model.Metadata.Keys);
    }

    [Theory]
    [InlineData("", "the added token 290 is ''")]
    [InlineData("</s>", "'</s>'*already*id 2")]
    public void Append_TokenThatCannotBeAdded_IsRefused(string text, string message)
    {
        using IModelFile model = ModelFiles.Open(PublishedForms.PathOf("huggingface"));

        FluentActions.Invoking(() => AddedTokens.Append(GgufVocabularyReader.Read(model), "file", [(text, false)])).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    private static Vocabulary Vocabulary(IModelFile model) => AddedTokens.Append(GgufVocabularyReader.Read(model), "test", [("<|im_end|>", true), ("a b", false)]);
}
