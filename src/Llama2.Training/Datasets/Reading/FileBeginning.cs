namespace Llama2.Training.Datasets.Reading;

/// <summary>Recognizes a file by its first bytes, and a table of separated values by the ending of its name.</summary>
internal static class FileBeginning
{
    private static readonly (byte[] Bytes, string Reason)[] s_foreign =
    [
        ([0xFF, 0xFE], "it is UTF-16; save it again as UTF-8"),
        ([0xFE, 0xFF], "it is UTF-16; save it again as UTF-8"),
        ([0, 0, 0xFE, 0xFF], "it is UTF-32; save it again as UTF-8"),
        ([0x1F, 0x8B], "it is compressed with gzip; decompress it first"),
        ([.. "PK\u0003\u0004"u8], "it is a ZIP archive; extract it first"),
        ([.. "BZh"u8], "it is compressed with bzip2; decompress it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "it is compressed with Zstandard; decompress it first"),
        ([0xFD, .. "7zXZ"u8], "it is compressed with xz; decompress it first"),
        ([.. "ARROW1"u8], "it is an Arrow file; write it as Parquet or JSON lines"),
        ([.. "version https://git-lfs"u8], "it is not the data but a pointer to them, as Git keeps large files; get the data with 'git lfs pull'"),
    ];

    private static readonly string[] s_jsonEndings = [".json", ".jsonl", ".ndjson"];

    /// <summary>Finds the kind of a file, and returns to its beginning.</summary>
    /// <param name="path">The file's name.</param>
    /// <param name="file">The file, at its beginning.</param>
    /// <param name="isText">Whether the file is to be read as plain text, whatever its name and content.</param>
    /// <exception cref="RecordFaultException">The file has a content that cannot be read.</exception>
    public static FileKind Find(string path, Stream file, bool isText)
    {
        byte[] buffer = new byte[32];
        Span<byte> bytes = buffer.AsSpan(0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        file.Position = 0;
        foreach ((byte[] start, string reason) in s_foreign)
        {
            if (bytes.StartsWith(start))
            {
                throw new RecordFaultException(reason);
            }
        }

        string ending = Path.GetExtension(path).ToLowerInvariant();
        int first = FirstVisible(file);
        return isText ? FileKind.Text
            : bytes.StartsWith("PAR1"u8) || ending == ".parquet" ? FileKind.Parquet
            : ending == ".csv" ? FileKind.CommaSeparated
            : ending == ".tsv" ? FileKind.TabSeparated
            : first is '{' or '[' ? FileKind.Json
            : s_jsonEndings.Contains(ending) ? throw new RecordFaultException($"its name ends in {ending}, but it does not begin with '{{' or '['; give a file of JSON, or another name if it is plain text")
            : FileKind.Text;
    }

    private static int FirstVisible(Stream file)
    {
        int first;
        do
        {
            first = file.ReadByte();
        }
        while (first is ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF);
        file.Position = 0;
        return first;
    }
}
