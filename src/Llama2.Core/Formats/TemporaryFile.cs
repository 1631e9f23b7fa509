namespace Llama2.Formats;

/// <summary>
/// The file beside a target that holds what is written until it is whole. Its process has it locked, so what a killed one left is told from
/// what another is writing.
/// </summary>
internal static class TemporaryFile
{
    private const string Extension = ".tmp", FolderExtension = ".folder";
    private const int MaxAttemptCount = 3;

    /// <summary>Makes the file, and removes those of the same target that a killed process left.</summary>
    /// <param name="path">The target.</param>
    /// <param name="name">The target as the user named it, for errors.</param>
    /// <param name="bufferByteSize">Bytes that are gathered before they are written.</param>
    /// <exception cref="IOException">It cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public static FileStream Create(string path, string name, int bufferByteSize)
    {
        string target = Path.GetFullPath(path), folder = Path.GetDirectoryName(target) ?? target;
        RemoveAbandoned(folder, target);
        for (int attempt = 1; ; attempt++)
        {
            string temporaryPath = $"{target}.{Guid.NewGuid():N}{Extension}";
            try
            {
                // Shared for deletion, which renaming an open file is on Windows.
                return new FileStream(temporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, bufferByteSize);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new UnauthorizedAccessException($"'{name}' cannot be written: its folder allows it to others only. Choose another folder, or ask for the right to write there.", exception);
            }
            catch (DirectoryNotFoundException exception)
            {
                throw new DirectoryNotFoundException($"There is no folder '{folder}' to write '{name}' in.", exception);
            }
            catch (IOException) when (attempt < MaxAttemptCount && Directory.Exists(folder))
            {
                // Another process that tidies up may have locked the file between its creation and its locking here.
            }
            catch (Exception exception) when (DiskSpace.IsRefusal(exception))
            {
                throw WriteFailure.Of(name, temporaryPath, exception);
            }
        }
    }

    /// <summary>The folder that belongs to a temporary file, where the target is a folder; it is removed with the file.</summary>
    public static string FolderOf(FileStream file) => file.Name + FolderExtension;

    private static void RemoveAbandoned(string folder, string target)
    {
        if (!Directory.Exists(folder))
            return;

        foreach (string file in Directory.EnumerateFiles(folder, "*" + Extension, new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0 }))
        {
            // A link is somebody else's: opening it would open what it leads to.
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
            // Somebody is writing it, has just finished it, or it is another user's.
        }
    }
}
