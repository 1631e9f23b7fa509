using Llama2.Cli.Serving;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Serving;

public sealed class NamedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("chat=models/llama.Q4_0.gguf", "chat", "models/llama.Q4_0.gguf")]
    [InlineData("chat=owner/repo:Q4_0", "chat", "owner/repo:Q4_0")]
    [InlineData("chat=a=b.gguf", "chat", "a=b.gguf")]
    [InlineData("owner/repo:Q4_0", "owner/repo:Q4_0", "owner/repo:Q4_0")]
    [InlineData("missing.gguf", "missing", "missing.gguf")]
    public void Parse_Text_IsNameAndModel(string text, string name, string model) => NamedModel.Parse(text).Should().Be(new NamedModel(name, model));

    [Fact]
    public void Parse_FileOrFolder_IsNamedAfterIt()
    {
        string file = _folder.Write("a=b.Q4_0.gguf", [1]);

        NamedModel.Parse(file).Should().Be(new NamedModel("a=b.Q4_0", file));
        NamedModel.Parse(_folder.Path + Path.DirectorySeparatorChar).Name.Should().Be(Path.GetFileName(_folder.Path));
    }

    [Theory]
    [InlineData("=model.gguf")]
    [InlineData("a b=model.gguf")]
    [InlineData("a\nb=model.gguf")]
    [InlineData("a b.gguf")]
    public void Parse_NameThatRequestsCannotWrite_Throws(string text) =>
        FluentActions.Invoking(() => NamedModel.Parse(text)).Should().Throw<CommandException>().WithMessage("*the model's name must have 1 to 128 characters and no white space; write NAME=MODEL.");

    [Fact]
    public void Parse_LongName_Throws()
    {
        NamedModel.Parse(new string('a', 128) + "=b").Name.Should().HaveLength(128);
        FluentActions.Invoking(() => NamedModel.Parse(new string('a', 129) + "=b")).Should().Throw<CommandException>();
    }

    [Fact]
    public void Parse_NameWithoutModel_Throws() => FluentActions.Invoking(() => NamedModel.Parse("a=")).Should().Throw<CommandException>().WithMessage("*no model after the equals sign*");

    [Fact]
    public void ParseAll_OneNameTwice_Throws() =>
        FluentActions.Invoking(() => NamedModel.ParseAll(["a=b.gguf", "A=c.gguf"])).Should().Throw<CommandException>().WithMessage("Two models have the name 'a'; give one of them another name: NAME=MODEL.");
}
