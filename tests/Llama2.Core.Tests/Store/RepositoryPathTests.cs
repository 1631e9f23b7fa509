using CsCheck;
using Llama2.Store;

namespace Llama2.Tests.Store;

public class RepositoryPathTests
{
    [Theory]
    [InlineData("model.gguf")]
    [InlineData("folder/Llama 2 (7B)-Q4_K_M.gguf")]
    [InlineData("モデル/é.gguf")]
    [InlineData("console.gguf")]
    [InlineData("..a/b..c")]
    [InlineData("1/2/3/4/5/6/7/8/model.gguf")]
    public void FindFault_OrdinaryName_IsNone(string path) => RepositoryPath.FindFault(path).Should().BeNull();

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("..\\a")]
    [InlineData("C:a")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u001b[2J")]
    [InlineData("a\u202Efugg.exe")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData("CON")]
    [InlineData("b/nul.gguf")]
    [InlineData("Com1.txt")]
    [InlineData("lpt¹")]
    [InlineData("a*b")]
    [InlineData("1/2/3/4/5/6/7/8/9/model.gguf")]
    public void FindFault_NameThatIsSomethingElse_IsFound(string path) => RepositoryPath.FindFault(path).Should().NotBeNull();

    [Fact]
    public void FindFault_HalfOfASurrogatePair_IsFound() => RepositoryPath.FindFault("a\ud800").Should().NotBeNull();

    [Fact]
    public void FindFault_LongName_IsFound()
    {
        RepositoryPath.FindFault(new string('a', 200)).Should().BeNull();
        RepositoryPath.FindFault(new string('é', 101)).Should().NotBeNull();
    }

    [Fact]
    public void FindFault_AnyNameWithoutOne_StaysBelowItsFolder() =>
        Gen.String[Gen.Char["./\\a~: é\0"], 0, 12].Sample(path =>
            RepositoryPath.FindFault(path) is not null
            || Path.GetFullPath(Path.Combine(["/root/of", .. path.Split('/')])).StartsWith(Path.GetFullPath("/root/of/"), StringComparison.Ordinal));
}
