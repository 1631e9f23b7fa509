namespace Llama2.Tests.Store;

public class LlamaModelReferenceTests
{
    [Theory]
    [InlineData("owner/repo", "owner", "repo", null, "main")]
    [InlineData("owner/repo:a.gguf", "owner", "repo", "a.gguf", "main")]
    [InlineData("Own_er-1/re.po:folder/a b.gguf", "Own_er-1", "re.po", "folder/a b.gguf", "main")]
    [InlineData("owner/repo@refs/pr/1:Q4_K_M", "owner", "repo", "Q4_K_M", "refs/pr/1")]
    public void Parse_Reference_HasItsPartsAndText(string text, string owner, string repository, string? file, string revision)
    {
        var reference = LlamaModelReference.Parse(text);

        reference.Should().Be(new LlamaModelReference(owner, repository, file, revision));
        reference.ToString().Should().Be(text);
        LlamaModelReference.TryParse(text, out LlamaModelReference? again).Should().BeTrue();
        again.Should().Be(reference);
    }

    [Theory]
    [InlineData("datasets/owner/repo", null, "main", true)]
    [InlineData("datasets/owner/repo@refs/convert/parquet:main", "main", "refs/convert/parquet", true)]
    [InlineData("datasets/repo:main", "main", "main", false)]
    public void Parse_Dataset_IsRecognized(string text, string? file, string revision, bool isDataset)
    {
        var reference = LlamaModelReference.Parse(text);

        reference.Should().Be(new LlamaModelReference(isDataset ? "owner" : "datasets", "repo", file, revision, isDataset));
        reference.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("model.gguf")]
    [InlineData("/owner/repo")]
    [InlineData("./repo")]
    [InlineData("../repo")]
    [InlineData("owner/repo/more")]
    [InlineData("datasets/owner/repo/more")]
    [InlineData("datasets/../repo")]
    [InlineData("datasets//repo")]
    [InlineData("owner/")]
    [InlineData("owner/repo:")]
    [InlineData("owner/repo@:a")]
    [InlineData("owner/repo@../x:a")]
    [InlineData("owner/re..po")]
    [InlineData("owner/repo:../a")]
    [InlineData("owner/repo:/a")]
    [InlineData("owner/repo:a:b")]
    [InlineData("C:/models/a.gguf")]
    [InlineData("nul/repo")]
    [InlineData("owner/repo?x=1")]
    [InlineData("owner/ré")]
    public void TryParse_AnotherText_IsNone(string? text) => LlamaModelReference.TryParse(text, out _).Should().BeFalse();
}
