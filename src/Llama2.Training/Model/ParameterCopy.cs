using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A copy of the values of parameters.</summary>
/// <param name="parameters">The parameters; they are not disposed with this object.</param>
internal sealed class ParameterCopy(IReadOnlyList<Parameter> parameters) : IDisposable
{
    private readonly Matrix[] _values = [.. parameters.Select(parameter => new Matrix(parameter.Values.RowCount, parameter.Values.ColumnCount))];

    /// <summary>The copied values of a parameter.</summary>
    public Matrix this[int parameter] => _values[parameter];

    /// <summary>Copies the values of the parameters.</summary>
    public void Take()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            Copy(parameters[i].Values, _values[i]);
        }
    }

    /// <summary>Gives the parameters the copied values.</summary>
    public void Restore()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            Copy(_values[i], parameters[i].Values);
        }
    }

    public void Dispose() => Array.ForEach(_values, values => values.Dispose());

    private static void Copy(Matrix source, Matrix destination)
    {
        for (int row = 0; row < source.RowCount; row++)
        {
            source[row].CopyTo(destination[row]);
        }
    }
}
