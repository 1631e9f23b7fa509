using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Training.Logs;

namespace Llama2.Training;

/// <summary>
/// A log in JSON lines: one object for each step, evaluation and generation. Its member <c>event</c> is <c>start</c>, <c>step</c>, <c>evaluation</c> or
/// <c>generation</c>, and its member <c>step</c> is the number of completed steps.
/// </summary>
/// <remarks>
/// <c>start</c> has the member <c>time</c>. It is written when the log is opened: if a run is resumed, the steps after it replace earlier lines with
/// the same numbers. Numbers that are NaN or infinite are written as null.
/// </remarks>
public sealed class JsonLinesLog : ITrainingLog
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly FileStream _stream;
    private readonly Utf8JsonWriter _json;

    /// <summary>Creates or continues a log.</summary>
    /// <param name="path">The file. If it exists, it is continued.</param>
    /// <param name="step">The number of steps that were completed before; 0 (the default) for a new run.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write the file.</exception>
    public JsonLinesLog(string path, int step = 0, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        // Without a buffer, a line that could not be written is not tried again when the file is closed.
        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _json = new Utf8JsonWriter(_line, s_options);
        try
        {
            Write("start", step, json => json.WriteString("time", (timeProvider ?? TimeProvider.System).GetUtcNow()));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes a line for a step and, if it was evaluated, a line for the evaluation.</summary>
    /// <param name="value">The report.</param>
    /// <exception cref="IOException">The log cannot be written.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Write("step", value.Step, json =>
        {
            json.WriteNumber("step_count", value.StepCount);
            foreach ((string name, double number) in ProgressScalars.OfStep(value))
            {
                WriteNumber(json, name, number);
            }

            json.WriteNumber("elapsed_seconds", Math.Round(value.Elapsed.TotalSeconds, 3));
        });
        if (value.ValidationLoss is not null)
        {
            Write("evaluation", value.Step, json =>
            {
                foreach ((string name, double number) in ProgressScalars.OfEvaluation(value))
                {
                    WriteNumber(json, name, number);
                }

                json.WriteBoolean("is_best", value.IsBest);
            });
        }
    }

    /// <inheritdoc/>
    public void AddGeneration(int stepNumber, string prompt, string text) => Write("generation", stepNumber, json =>
    {
        json.WriteString("prompt", prompt);
        json.WriteString("text", text);
    });

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _stream.Dispose();
    }

    private void Write(string name, int step, Action<Utf8JsonWriter> write)
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("event", name);
        _json.WriteNumber("step", step);
        write(_json);
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _stream.Write(_line.WrittenSpan);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
