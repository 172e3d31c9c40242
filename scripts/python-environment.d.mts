/** Folder of the environment, whether or not it is there. */
export declare const environmentFolder: string;
