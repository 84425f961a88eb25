import type {Case, Pairs} from '../case';
import type {Entries} from '../contestants/contestant';
import type {PythonPeer} from '../peers/python';
import type {Problem} from '../problem';

/** Who is there to take part. */
export interface Field {
  /** As the registry names them. */
  readonly engines: readonly string[];
  /** Python libraries by the names that tables have for them. */
  readonly peers: ReadonlyMap<string, PythonPeer>;
}

export interface Chart {
  readonly file: string;
  readonly svg: string;
}

/** Cases that are timed alike, and the picture that is made of them. */
export interface Suite {
  readonly name: string;
  problems(quick: boolean): readonly Problem[];
  entries(field: Field): Entries;
  readonly pairs: Pairs;
  charts(cases: readonly Case[]): readonly Chart[];
}
