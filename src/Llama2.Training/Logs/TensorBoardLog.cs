using Llama2.Training.Logs;
using static System.FormattableString;

namespace Llama2.Training;

/// <summary>
/// A log that TensorBoard shows: an event file with the scalars <c>train/loss</c>, <c>train/gradient_norm</c>, <c>train/learning_rate</c>,
/// <c>train/tokens_per_second</c>, <c>validation/loss</c>, <c>validation/token_accuracy</c> and <c>validation/exact_match</c>, scalars of rewards, and the
/// texts of generations.
/// </summary>
/// <remarks>
/// Each log is a new file in the folder; TensorBoard reads all files of a folder as one run. If a run is resumed, TensorBoard drops the events of steps
/// that are trained again.
/// </remarks>
public sealed class TensorBoardLog : ITrainingLog
{
    // The numbers of the fields in TensorFlow's event.proto, summary.proto, tensor.proto and tensor_shape.proto.
    private const int EventWallTime = 1, EventStep = 2, EventFileVersion = 3, EventSummary = 5, EventSessionLog = 7, SessionLogStatus = 1;
    private const int SummaryValue = 1, ValueTag = 1, ValueSimpleValue = 2, ValueTensor = 8, ValueMetadata = 9, MetadataPluginData = 1, PluginDataName = 1;
    private const int TensorType = 1, TensorShape = 2, TensorStringValue = 8, ShapeDimension = 2, DimensionSize = 1;
    private const long SessionStart = 1, StringType = 7;

    private const string FileVersion = "brain.Event:2";

    private readonly TimeProvider _time;
    private readonly FileStream _stream;

    /// <summary>Creates a log in a folder.</summary>
    /// <param name="folder">The folder of the run; it is created if it does not exist.</param>
    /// <param name="step">The number of steps that were completed before; 0 (the default) for a new run.</param>
    /// <param name="timeProvider">The clock, whose time the file's name and each event have; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write the file.</exception>
    public TensorBoardLog(string folder, int step = 0, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        _time = timeProvider ?? TimeProvider.System;
        Directory.CreateDirectory(folder);
        _stream = Create(folder);
        try
        {
            Write(Event(0).Add(EventFileVersion, FileVersion));
            if (step > 0)
            {
                Write(Event(step + 1).Add(EventSessionLog, new ProtobufMessage().Add(SessionLogStatus, SessionStart)));
            }
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The event file.</summary>
    public string Path => _stream.Name;

    /// <summary>Writes the numbers of a step and of its evaluation.</summary>
    /// <param name="value">The report.</param>
    /// <exception cref="IOException">The log cannot be written.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var summary = new ProtobufMessage();
        IEnumerable<(string Tag, double Value)> scalars =
            [.. ProgressScalars.OfStep(value).Select(scalar => ($"train/{scalar.Name}", scalar.Value)), .. ProgressScalars.OfEvaluation(value).Select(scalar => ($"validation/{scalar.Name}", scalar.Value))];
        foreach ((string tag, double number) in scalars)
        {
            summary.Add(SummaryValue, new ProtobufMessage().Add(ValueTag, tag).Add(ValueSimpleValue, (float)number));
        }

        Write(Event(value.Step).Add(EventSummary, summary));
    }

    /// <inheritdoc/>
    public void AddGeneration(int stepNumber, string prompt, string text)
    {
        ProtobufMessage shape = new ProtobufMessage().Add(ShapeDimension, new ProtobufMessage().Add(DimensionSize, 1));
        ProtobufMessage tensor = new ProtobufMessage().Add(TensorType, StringType).Add(TensorShape, shape).Add(TensorStringValue, text);
        ProtobufMessage metadata = new ProtobufMessage().Add(MetadataPluginData, new ProtobufMessage().Add(PluginDataName, "text"));
        ProtobufMessage value = new ProtobufMessage().Add(ValueTag, $"generation/{prompt}").Add(ValueTensor, tensor).Add(ValueMetadata, metadata);
        Write(Event(stepNumber).Add(EventSummary, new ProtobufMessage().Add(SummaryValue, value)));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    // TensorBoard takes files whose name contains 'tfevents', and reads them in the order of their names.
    private FileStream Create(string folder)
    {
        string name = Invariant($"events.out.tfevents.{_time.GetUtcNow().ToUnixTimeSeconds():D10}.llama2");
        for (int attempt = 0; ; attempt++)
        {
            string path = System.IO.Path.Combine(folder, attempt == 0 ? name : Invariant($"{name}.{attempt}"));
            try
            {
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            }
            catch (IOException) when (attempt < 100 && File.Exists(path))
            {
                // Another log of this folder was created within the same second.
            }
        }
    }

    private ProtobufMessage Event(int step)
    {
        ProtobufMessage message = new ProtobufMessage().Add(EventWallTime, (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
        return step == 0 ? message : message.Add(EventStep, step);
    }

    private void Write(ProtobufMessage message) => RecordWriter.Write(_stream, message.Bytes);
}
