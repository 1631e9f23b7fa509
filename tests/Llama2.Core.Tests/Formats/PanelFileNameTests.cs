using Llama2.Formats;

namespace Llama2.Tests.Formats;

public class PanelFileNameTests
{
    [Theory]
    [InlineData("a/model.gguf", null, "a/model.gguf.panels")]
    [InlineData("model.gguf", null, "model.gguf.panels")]
    [InlineData("a/Llama-2-7b-hf/", null, "a/Llama-2-7b-hf.panels")]
    [InlineData("a/model.gguf", "cache", "cache/model.gguf.panels")]
    [InlineData("a/Llama-2-7b-hf/", "cache/", "cache/Llama-2-7b-hf.panels")]
    public void PathFor_ModelWithAName_AppendsTheExtension(string model, string? folder, string expected)
        => PanelFileName.PathFor(Native(model), folder is null ? null : Native(folder)).Should().Be(Native(expected));

    [Theory]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData("a/..")]
    public void PathFor_FolderWithoutAName_TakesThatOfTheFullPath(string model)
    {
        string name = Path.GetFileName(Directory.GetCurrentDirectory());

        PanelFileName.PathFor(Native(model), "cache").Should().Be(Path.Combine("cache", name + ".panels"));
    }

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);
}
