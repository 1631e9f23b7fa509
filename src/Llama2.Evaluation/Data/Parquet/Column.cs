namespace Llama2.Evaluation.Data.Parquet;

/// <summary>The values of a column in a row group, with the position of the next entry.</summary>
internal sealed class Column
{
    private readonly byte[] _definitionLevels;
    private readonly byte[] _repetitionLevels;
    private readonly int _fullLevel;
    private int _position;
    private int _valueIndex;

    /// <param name="values">The values that are not null.</param>
    /// <param name="definitionLevels">The definition level of each entry; empty if all are the highest one.</param>
    /// <param name="repetitionLevels">The repetition level of each entry; empty if all are 0.</param>
    /// <param name="count">The number of places.</param>
    /// <param name="fullLevel">The definition level of an entry that has a value.</param>
    public Column(ColumnValues values, byte[] definitionLevels, byte[] repetitionLevels, int count, int fullLevel) =>
        (Values, _definitionLevels, _repetitionLevels, Count, _fullLevel) = (values, definitionLevels, repetitionLevels, count, fullLevel);

    public ColumnValues Values { get; }

    public int Count { get; }

    public bool IsAtEnd => _position == Count;

    /// <summary>The definition level of the next entry.</summary>
    public int DefinitionLevel => IsAtEnd ? throw TooFew() : _definitionLevels.Length == 0 ? _fullLevel : _definitionLevels[_position];

    /// <summary>The repetition level of the next entry; 0 at the end, where a new row would begin.</summary>
    public int RepetitionLevel => IsAtEnd || _repetitionLevels.Length == 0 ? 0 : _repetitionLevels[_position];

    /// <summary>Takes the next entry.</summary>
    /// <returns>The number of its value in <see cref="Values"/>; -1 if it has none.</returns>
    public int Take()
    {
        bool hasValue = DefinitionLevel == _fullLevel;
        _position++;
        if (!hasValue)
            return -1;
        return _valueIndex < Values.Count ? _valueIndex++ : throw TooFew();
    }

    private static FormatException TooFew() => new("a column has fewer values than its table has rows");
}
