using Llama2.Tests.Conversion;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class TokenizerFileTests
{
    // A tokenizer file beside a model may itself be a model. A search for the tokenizer of that model would find the same file again, without end; in an
    // earlier version this overflowed the stack.
    [Theory]
    [InlineData("huggingface/model.safetensors", "tokenizer.model")]
    [InlineData("llama2c/version1.bin", "tokenizer.bin")]
    [InlineData("llama2c/version1.bin", "tokenizer.model")]
    public void Read_TokenizerThatIsItselfAModel_IsRefused(string model, string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(name);
        File.Copy(PublishedForms.PathOf(model), path);

        FluentActions.Invoking(() => TokenizerFile.Read(path)).Should().Throw<ModelFormatException>().Which.FilePath.Should().Be(path);
        FluentActions.Invoking(() => ModelTokenizer.Load(folder.Path)).Should().Throw<ModelFormatException>();
    }
}
