using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Training;

/// <summary>
/// The outputs of <c>llama2 train</c>: the result, checkpoints, and extras (curves and a model card). Before the first step, the command checks that all of
/// them can be written, because a failure after the last step would be reported only after hours of training. If an extra cannot be written at the
/// end, only a warning is shown, because the result has already been saved.
/// </summary>
/// <param name="Result">The adapter or model: a file, or a folder.</param>
/// <param name="Checkpoint">The checkpoints' file, or null.</param>
/// <param name="Curves">The curves' files.</param>
/// <param name="Card">The model card's file, or null.</param>
/// <param name="Log">The log in JSON lines, or null.</param>
/// <param name="TensorBoard">The folder of the log for TensorBoard, or null.</param>
internal sealed record TrainingOutputs(string Result, string? Checkpoint, IReadOnlyList<string> Curves, string? Card, string? Log, string? TensorBoard)
{
    /// <summary>Whether the result is one file; otherwise it is a folder.</summary>
    public bool IsFile => IsGguf(Result);

    public static bool IsGguf(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks that no file would be replaced that may be the result of hours of training. Curves are replaced.</summary>
    /// <param name="resumes">Whether training continues from the checkpoint, which is then replaced, and continues the log.</param>
    /// <exception cref="CommandException">The result, the model card, the checkpoint or the log already exists.</exception>
    public void RequireNew(bool resumes)
    {
        if (Exists(Result))
        {
            throw new CommandException($"'{Result}' already exists; name a new file, or give --force to replace it.");
        }

        if (Card is not null && Exists(Card))
        {
            throw new CommandException($"The model card '{Card}' already exists; name another --output, or give --no-card, or --force to replace it.");
        }

        if (!resumes && Checkpoint is not null && Exists(Checkpoint))
        {
            throw new CommandException($"The checkpoint '{Checkpoint}' already exists; give --resume to continue from it, --extend for a longer run, or --force to begin again and replace it.");
        }

        if (!resumes && Log is not null && Exists(Log))
        {
            throw new CommandException($"The log '{Log}' already exists; name a new file, or give --force to replace it.");
        }
    }

    /// <summary>Checks that each output can be written to its path, and that no output would replace another output or an input.</summary>
    /// <param name="inputs">The models and the data.</param>
    /// <exception cref="CommandException">An output has the path of an input, of another output or of a folder, or the folder for an output does not exist.</exception>
    /// <exception cref="IOException">An output cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write an output.</exception>
    public void Try(IReadOnlyList<string> inputs)
    {
        RequireDistinct(inputs);
        if (IsFile)
        {
            OutputPath.Try(Result);
        }
        else
        {
            using var trial = new AtomicFolder(Result);
        }

        if (TensorBoard is not null)
        {
            if (File.Exists(TensorBoard))
            {
                throw new CommandException($"'{TensorBoard}' is a file; name a folder for the log for TensorBoard.");
            }

            Directory.CreateDirectory(TensorBoard);
            OutputPath.Try(Path.Combine(TensorBoard, "events"));
        }

        foreach (string? file in (string?[])[Checkpoint, .. Curves, IsFile ? Card : null, Log])
        {
            if (file is not null)
            {
                OutputPath.Try(file);
            }
        }
    }

    /// <summary>Checks that the disks have enough free space for the weights of the result and for a checkpoint.</summary>
    /// <param name="resultByteSize">The size of the result's weights in bytes.</param>
    /// <param name="checkpointByteSize">The size of a checkpoint in bytes.</param>
    /// <exception cref="IOException">There is not enough free space.</exception>
    public void RequireRoom(long resultByteSize, long checkpointByteSize)
    {
        DiskSpace.Require(OutputTarget.Resolve(Result), resultByteSize);
        if (Checkpoint is not null)
        {
            DiskSpace.Require(OutputTarget.Resolve(Checkpoint), checkpointByteSize);
        }
    }

    // An empty file, such as mktemp creates, has nothing to lose. A folder is refused with another message.
    private static bool Exists(string path) => new FileInfo(path) is { Exists: true, Length: > 0 };

    private void RequireDistinct(IReadOnlyList<string> inputs)
    {
        List<(string Name, string Path)> taken = [.. inputs.Select(path => ("an input", path))];
        foreach ((string name, string? path) in (ReadOnlySpan<(string, string?)>)[("--output", Result), ("--checkpoint", Checkpoint), .. Curves.Select(curve => ("--curve", curve)), ("--log", Log), ("the model card", Card)])
        {
            if (path is null)
            {
                continue;
            }

            if (taken.Find(other => OutputTarget.IsSame(other.Path, path)) is { Name: { } other })
            {
                throw new CommandException($"'{path}' would be both {other} and {name}: give another name{(path == Card ? ", or --no-card" : "")}.");
            }

            taken.Add((name, path));
        }
    }
}
