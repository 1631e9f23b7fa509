using Llama2.Memory;

namespace Llama2.Tests.Memory;

public class ByteSizeTextTests
{
    [Theory]
    [InlineData(0, "0 bytes", "0 bytes")]
    [InlineData(917_504, "917,504 bytes", "917,504 bytes")]
    [InlineData(1 << 20, "1.0 MiB", "1.0 MiB")]
    [InlineData((1 << 20) + 1, "1.1 MiB", "1.0 MiB")]
    [InlineData((100 << 20) + 1, "101 MiB", "100 MiB")]
    [InlineData(1L << 50, "1,073,741,824 MiB", "1,073,741,824 MiB")]
    public void Format_Size_IsRoundedAgainstTheReader(long byteSize, string needed, string available) =>
        (ByteSizeText.Needed(byteSize), ByteSizeText.Available(byteSize)).Should().Be((needed, available));
}
