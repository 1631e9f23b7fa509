using Llama2.Formats;

namespace Llama2.Model;

/// <summary>A matrix of a model, before it is loaded.</summary>
/// <param name="Name">The name of the matrix in the architecture.</param>
/// <param name="Tensor">The tensor from which it is made; for a tied output matrix, that of the token embedding.</param>
/// <param name="RowCount">The number of rows.</param>
/// <param name="ColumnCount">The number of columns.</param>
internal sealed record PlannedMatrix(string Name, TensorDescription Tensor, int RowCount, int ColumnCount);
