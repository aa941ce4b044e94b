namespace Countersign.Server.Features.Kinds.CodeCards.Import;

/// <summary>Where a card of a file is in its life.</summary>
internal enum CardStanding
{
    /// <summary>In nobody's hands.</summary>
    Stock,

    /// <summary>On its way: its user activates it with the serial number and two values.</summary>
    Shipped,

    /// <summary>The user has answered with it in the system before this one.</summary>
    Active,
}

/// <summary>One good row of a file: a card.</summary>
/// <param name="Serial">As it is compared: capitals and digits.</param>
/// <param name="Cells">The values, one after the other.</param>
/// <param name="User">Normalised name of the user who has it; null for one in stock.</param>
internal sealed record CardRow(int Line, string Serial, string Cells, string? User, CardStanding Standing);

/// <summary>The columns of a file of cards. <c>docs/import.md</c> describes each.</summary>
internal static class CardColumns
{
    public const string Serial = "serial";
    public const string Cells = "cells";
    public const string User = "user";
    public const string Status = "status";
    private const string CellPrefix = "cell_";

    public static readonly IReadOnlyList<string> Required = [Serial];

    /// <summary>The column of one cell, such as <c>cell_17</c>.</summary>
    public static string Cell(int index) => CellPrefix + index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static bool IsCell(string column) => column.StartsWith(CellPrefix, StringComparison.Ordinal);

    public static bool Knows(string column) => column is Serial or Cells or User or Status || IsCell(column);
}
