using Llama2.Formats;

namespace Llama2.Tests.Formats;

public class WriteFailureTests
{
    [LinuxTheory]
    [InlineData(28, "free space on its disk")]
    [InlineData(122, "quota")]
    [InlineData(13, "get the permission")]
    [InlineData(27, "ulimit -f")]
    [InlineData(30, "mount it for writing")]
    [InlineData(5, "the written data may be lost")]
    [InlineData(24, "another folder or disk")]
    public void Of_ErrorNumber_HasARemedyOfItsOwn(int error, string remedy)
    {
        Exception exception = WriteFailure.Of("out.gguf", "/tmp/out.gguf.tmp", new IOException("as the system says it", error));

        exception.Should().BeOfType<IOException>().Which.HResult.Should().Be(error);
        exception.Message.Should().StartWith("'out.gguf' cannot be written: ").And.Contain($"(error {error})").And.Contain(remedy);
        WriteFailure.OfFlush("out.gguf", error).Message.Should().Contain(remedy);
    }
}
