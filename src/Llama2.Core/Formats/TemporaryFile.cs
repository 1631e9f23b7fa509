namespace Llama2.Formats;

/// <summary>
/// The temporary file beside a target, which contains the output until it is complete. The writing process keeps it locked, so a file that a killed
/// process left behind can be distinguished from one that another process is writing.
/// </summary>
internal static class TemporaryFile
{
    private const string Extension = ".tmp", FolderExtension = ".folder";
    private const int MaxAttemptCount = 3;

    /// <summary>Creates the file, and removes files of the same target that killed processes left behind.</summary>
    /// <param name="path">The target.</param>
    /// <param name="name">The path of the target, as the user gave it, for error messages.</param>
    /// <param name="bufferByteSize">The size of the write buffer in bytes.</param>
    /// <exception cref="IOException">The file cannot be created in the target's folder.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public static FileStream Create(string path, string name, int bufferByteSize)
    {
        string target = Path.GetFullPath(path), folder = Path.GetDirectoryName(target) ?? target;
        RemoveAbandoned(folder, target);
        for (int attempt = 1; ; attempt++)
        {
            string temporaryPath = $"{target}.{Guid.NewGuid():N}{Extension}";
            try
            {
                // FileShare.Delete is needed on Windows, which otherwise refuses to rename an open file.
                return new FileStream(temporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, bufferByteSize);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new UnauthorizedAccessException($"'{name}' cannot be written: you have no permission to write to its folder. Choose another folder, or get that permission.", exception);
            }
            catch (DirectoryNotFoundException exception)
            {
                throw new DirectoryNotFoundException($"There is no folder '{folder}' to write '{name}' in.", exception);
            }
            catch (IOException) when (attempt < MaxAttemptCount && Directory.Exists(folder))
            {
                // Another process that deletes abandoned files may have locked this file after it was created here and before it was locked here. The
                // loop tries again.
            }
            catch (Exception exception) when (DiskSpace.IsRefusal(exception))
            {
                throw WriteFailure.Of(name, temporaryPath, exception);
            }
        }
    }

    /// <summary>The temporary folder of a target that is a folder. It belongs to the temporary file, and is deleted together with this file.</summary>
    public static string FolderOf(FileStream file) => file.Name + FolderExtension;

    private static void RemoveAbandoned(string folder, string target)
    {
        if (!Directory.Exists(folder))
            return;

        foreach (string file in Directory.EnumerateFiles(folder, "*" + Extension, new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0 }))
        {
            // This library creates no links, so a link is not a temporary file of this library. It is skipped, because opening it would open the
            // link's target.
            if (IsOf(target, file) && new FileInfo(file).LinkTarget is null)
                RemoveUnlessInUse(file);
        }
    }

    private static bool IsOf(string target, string file) =>
        file.StartsWith(target + ".", StringComparison.Ordinal) && Guid.TryParseExact(file.AsSpan(target.Length + 1)[..^Extension.Length], "N", out _);

    private static void RemoveUnlessInUse(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            if (Directory.Exists(FolderOf(stream)))
                Directory.Delete(FolderOf(stream), recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process is writing the file or has just finished it, or the file belongs to another user.
        }
    }
}
