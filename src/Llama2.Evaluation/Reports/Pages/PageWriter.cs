using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>
/// Writes HTML. The constant parts of an interpolated text are markup; the values in its holes are data, and are escaped, so no text of a model or of a
/// data set can become markup.
/// </summary>
/// <param name="output">Receives the page.</param>
internal sealed class PageWriter(TextWriter output)
{
    private readonly StringBuilder _pending = new();

    /// <summary>Writes markup with data in its holes.</summary>
    public void Add([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
        _ = markup;
        output.Write(_pending);
        _pending.Clear();
    }

    /// <summary>Writes markup that is a constant of this library.</summary>
    public void AddMarkup(string markup) => output.Write(markup);

    /// <summary>The parts of an interpolated text.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly StringBuilder _output;

        public Markup(int literalLength, int formattedCount, PageWriter page)
        {
            _ = (literalLength, formattedCount);
            _output = page._pending;
        }

        public void AppendLiteral(string markup) => _output.Append(markup);

        public void AppendFormatted(string? text) => PageText.Write(_output, text);

        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable
            => PageText.Write(_output, value.ToString(format, CultureInfo.InvariantCulture));
    }
}
