using System.Text;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>Files that are not GGUF, or are of an unsupported version: the error states what they are.</summary>
public class GgufFileRecognitionTests
{
    [Theory]
    [InlineData("GGUF", true)]
    [InlineData("GGUF and more", true)]
    [InlineData("GGU", false)]
    [InlineData("lmgg", false)]
    [InlineData("", false)]
    public void HasMagic_KnowsGgufByItsFirstFourBytes(string start, bool expected) =>
        GgufFile.HasMagic(Encoding.ASCII.GetBytes(start)).Should().Be(expected);

    [Theory]
    [InlineData("lmgg", "GGML")]
    [InlineData("fmgg", "GGMF")]
    [InlineData("tjgg", "GGJT")]
    [InlineData("algg", "GGLA")]
    [InlineData("FUGG", "big-endian")]
    [InlineData("PK\u0003\u0004", "PyTorch checkpoint")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "git lfs pull")]
    [InlineData("<!DOCTYPE html>", "web page")]
    [InlineData("\0\0\0\0", "must begin with 'GGUF'")]
    public void Open_AnotherFormat_IsRefusedByName(string start, string expected)
    {
        Exception fault = OpeningLimits.OpenWithinLimits([.. Encoding.Latin1.GetBytes(start), .. new byte[64]])!;
        fault.Message.Should().Contain("byte 0: magic is").And.Contain(expected);
    }

    [Theory]
    [InlineData(0u, "current converter")]
    [InlineData(1u, "current converter")]
    [InlineData(4u, "newer than this library")]
    [InlineData(uint.MaxValue, "newer than this library")]
    [InlineData(0x0300_0000u, "3 in big-endian order; only little-endian files are read")]
    [InlineData(0x0200_0000u, "2 in big-endian order; only little-endian files are read")]
    public void Open_AnotherVersion_IsRefusedByName(uint version, string expected)
    {
        Exception fault = OpeningLimits.OpenWithinLimits(new GgufBuilder { Version = version }.Add("general.name", "x").Build())!;
        fault.Message.Should().Contain("byte 4: version is").And.Contain(expected);
    }

    [Fact]
    public void Open_EmptyFile_IsRefused()
    {
        OpeningLimits.OpenWithinLimits([])!.Message.Should().Contain("magic");
        string path = Path.GetTempFileName();
        try
        {
            foreach (bool memoryMapped in new[] { false, true })
                FluentActions.Invoking(() => GgufFile.Open(path, memoryMapped)).Should().Throw<ModelFormatException>();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
