namespace Llama2.Tests;

public class RepositoryFilesTests
{
    [Fact]
    public void Root_HoldsTheSolution() => File.Exists(RepositoryFiles.Committed("Llama2.sln")).Should().BeTrue();
}
