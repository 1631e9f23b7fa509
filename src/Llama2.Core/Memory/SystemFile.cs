using System.Text;

namespace Llama2.Memory;

/// <summary>Reads the files of <c>/proc</c> and <c>/sys</c>, in which Linux describes the machine and the process.</summary>
internal static class SystemFile
{
    // The largest files that are read are /proc/self/status and /proc/meminfo, with about 1,500 bytes each.
    private const int MaxByteSize = 16 << 10;

    /// <summary>The file's text; an empty string if it cannot be read or is too long.</summary>
    public static string ReadText(string path)
    {
        Span<byte> bytes = stackalloc byte[MaxByteSize];
        try
        {
            using FileStream stream = File.OpenRead(path);
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return count < bytes.Length ? Encoding.ASCII.GetString(bytes[..count]) : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
